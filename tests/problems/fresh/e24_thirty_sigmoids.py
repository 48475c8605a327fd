import torch
from torch import nn

torch.manual_seed(13)
layers = []
for _ in range(30):
    layers += [nn.Linear(8, 8), nn.Sigmoid()]
net = nn.Sequential(*layers, nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(16, 8), torch.randn(16, 1)
for _ in range(3):
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
