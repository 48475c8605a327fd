import torch
from torch import nn

torch.manual_seed(0)


class PINN(nn.Module):
    """u'(t) = -u(t), u(0) = 1."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, t):
        return self.net(t)

    def residual(self, t):
        u = self(t)
        u_t = torch.autograd.grad(u, t, grad_outputs=torch.ones_like(u), create_graph=True)[0]
        return u_t + u


pinn = PINN()
optimizer = torch.optim.Adam(pinn.parameters(), lr=1e-2)
t_physics = torch.linspace(0, 2, 20).view(-1, 1)
t_start = torch.zeros(1, 1)
for step in range(5):
    optimizer.zero_grad()
    loss = pinn.residual(t_physics).pow(2).mean() + (pinn(t_start) - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
