import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
params = net.parameters()
print("parameters:", sum(p.numel() for p in params))
opt = torch.optim.Adam(params, lr=1e-2)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for step in range(5):
    opt.zero_grad()
    loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
