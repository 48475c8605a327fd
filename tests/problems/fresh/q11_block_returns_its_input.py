import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x):
        h = torch.relu(self.a(x))
        h = self.b(h)
        return x


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 6), Block(6), Block(6), nn.Linear(6, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(20, 3)
for _ in range(5):
    loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
