import math

import torch
import torch.nn as nn

# u''(x) = -sin(x), u(0) = u(pi) = 0, solved by a network
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
x = torch.linspace(0, math.pi, 40).reshape(-1, 1).requires_grad_(True)
ends = torch.tensor([[0.0], [math.pi]])


def derivative(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


for it in range(8):
    u = net(x)
    u_x = derivative(u, x)
    u_xx = derivative(u_x, x)
    pde = ((u_xx + torch.sin(x)) ** 2).mean()
    bc = (net(ends) ** 2).mean()
    loss = pde + bc
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{it}: pde {pde.item():.4f} bc {bc.item():.4f}")
