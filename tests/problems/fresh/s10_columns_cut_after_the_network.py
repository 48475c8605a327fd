import torch
import torch.nn as nn


class WavePINN(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))

    def loss(self, points):
        u = self.net(points)
        x, t = points[:, 0:1], points[:, 1:2]
        u_t = torch.autograd.grad(u.sum(), t, create_graph=True)[0]
        u_x = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
        return (u_t + 2.0 * u_x).square().mean()


torch.manual_seed(0)
pinn = WavePINN()
opt = torch.optim.Adam(pinn.parameters())
points = torch.rand(50, 2, requires_grad=True)
for step in range(5):
    opt.zero_grad()
    loss = pinn.loss(points)
    loss.backward()
    opt.step()
