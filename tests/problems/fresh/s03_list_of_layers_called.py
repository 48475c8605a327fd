import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList()
        for a, b in zip(sizes, sizes[1:]):
            self.layers.append(nn.Linear(a, b))
            self.layers.append(nn.Tanh())

    def forward(self, x):
        return self.layers(x)


net = Net([4, 16, 16, 1])
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(10, 4)
for _ in range(3):
    opt.zero_grad()
    net(x).pow(2).mean().backward()
    opt.step()
