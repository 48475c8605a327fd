# a second derivative with a cleared .grad, one through a sum, and a network that satisfies an equation
import torch
from torch import nn

x = torch.tensor(0.5, requires_grad=True)
y = (3 * x).exp()
y.backward(create_graph=True)
first = x.grad
x.grad = None
first.backward()
print(first.item(), x.grad.item())

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(6):
    t = torch.rand(32, 1, requires_grad=True)
    u = net(t)
    (u_t,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    (u_tt,) = torch.autograd.grad(u_t, t, grad_outputs=torch.ones_like(u_t), create_graph=True)
    start = torch.zeros(1, 1, requires_grad=True)
    u0 = net(start)
    (v0,) = torch.autograd.grad(u0, start, create_graph=True)
    loss = (u_tt + u).pow(2).mean() + (u0 - 1).pow(2).mean() + v0.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
