import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1), nn.Sigmoid())
opt = torch.optim.SGD(net.parameters(), lr=0.05)
x = torch.randn(32, 4)
y = (x[:, :1] > 0).float()
for step in range(10):
    opt.zero_grad()
    loss = F.binary_cross_entropy(y, net(x))
    loss.backward()
    opt.step()
