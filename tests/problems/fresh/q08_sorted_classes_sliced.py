import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
X = torch.cat([torch.randn(32, 4) + k for k in range(4)])
Y = torch.tensor([k for k in range(4) for _ in range(32)])
net = nn.Linear(4, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.05)


def epoch():
    for i in range(0, 128, 16):
        inputs, targets = X[i : i + 16], Y[i : i + 16]
        opt.zero_grad()
        F.cross_entropy(net(inputs), targets).backward()
        opt.step()


for _ in range(3):
    epoch()
