import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
t = torch.linspace(0, 1, 20).unsqueeze(1).requires_grad_()
u = net(t)
u.backward(torch.ones_like(u), create_graph=True)
u_t = t.grad
u_t.sum().backward()
u_tt = t.grad.clone()
print("residual", (u_tt + 4 * u).pow(2).mean().item())
