import torch
from torch import nn


class Standardize(nn.Module):
    def forward(self, x):
        return (x - x.mean()) / (x.std() * 0)


torch.manual_seed(2)
net = nn.Sequential(Standardize(), nn.Linear(4, 1))
x = torch.randn(10, 4)
loss = net(x).mean()
loss.backward()
print(loss)
