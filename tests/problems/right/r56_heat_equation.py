import torch
from torch import nn

torch.manual_seed(0)


class Surrogate(nn.Module):
    def __init__(self, width=20):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, t, x):
        return self.body(torch.cat([t, x], dim=1))


def d(y, x):
    return torch.autograd.grad(y, x, grad_outputs=torch.ones_like(y), create_graph=True)[0]


def residual(u, t, x):
    u_t, u_x = d(u, t), d(u, x)
    return u_t - 0.1 * d(u_x, x)


model = Surrogate()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
time = torch.rand(30, 1, requires_grad=True)
place = (torch.rand(30, 1) * 2 - 1).requires_grad_()
x0 = torch.linspace(-1, 1, 20).unsqueeze(1)
u0 = -torch.sin(torch.pi * x0)
for it in range(8):
    opt.zero_grad()
    inside = residual(model(time, place), time, place).square().mean()
    start = (model(torch.zeros_like(x0), x0) - u0).square().mean()
    (inside + start).backward()
    opt.step()
print(inside.item(), start.item())
