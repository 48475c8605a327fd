# a penalty on gradients that stays in .grad with the loss, a curvature by autograd.grad, and norms of weights held to one
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(24, 4)
y = x.prod(1, keepdim=True)
for step in range(4):
    opt.zero_grad()
    loss = (net(x) - y).square().mean()
    grads = torch.autograd.grad(loss, list(net.parameters()), create_graph=True)
    penalty = sum(g.square().sum() for g in grads)
    unit = (net[0].weight.norm(dim=1) - 1).square().mean()
    (loss + 0.01 * penalty + 0.1 * unit).backward()
    opt.step()
for step in range(4):
    points = torch.randn(24, 4, requires_grad=True)
    value = net(points)
    slope = torch.autograd.grad(value.sum(), points, create_graph=True)[0]
    eikonal = (slope.norm(dim=-1) - 1).square().mean()
    opt.zero_grad()
    eikonal.backward()
    opt.step()
