import torch
from torch import nn

torch.manual_seed(14)
theta = torch.randn(5, requires_grad=True)
opt = torch.optim.Adam([theta], lr=0.1)
goal = torch.ones(5)
for i in range(10):
    p = theta.clone().detach().requires_grad_(True)
    loss = (p - goal).pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, round(loss.item(), 2))
