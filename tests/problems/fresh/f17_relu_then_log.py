import torch
from torch import nn

torch.manual_seed(13)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(10, 3)
for _ in range(2):
    opt.zero_grad()
    rate = net(x)
    nll = (rate - torch.log(rate)).mean()
    nll.backward()
    opt.step()
