import torch
from torch import nn

torch.manual_seed(8)
body = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
heads = nn.ModuleList(nn.Linear(8, 1) for _ in range(3))
opt = torch.optim.SGD([*body.parameters(), *heads.parameters()], lr=0.1)
x = torch.randn(10, 4)
for step in range(2):
    h = body(x)
    opt.zero_grad()
    for head in heads:
        head(h).pow(2).mean().backward()
    opt.step()
