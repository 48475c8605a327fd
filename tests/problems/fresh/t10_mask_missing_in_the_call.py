import torch
from torch import nn


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x, mask):
        return (self.fc(x).squeeze(-1) * mask).sum(1)


model = Masked()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(3, 5, 4)
for _ in range(2):
    loss = model(x).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
