import torch
from torch import nn

torch.manual_seed(9)
data = torch.randn(20, 3)
data[:, 1] = 5.0
data = (data - data.mean(0)) / data.std(0)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    opt.zero_grad()
    net(data).pow(2).mean().backward()
    opt.step()
