import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

torch.manual_seed(3)
LATENT = 4


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(LATENT, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 32),
            nn.ReLU(),
            nn.Linear(32, 2),
        )

    def forward(self, z):
        return self.net(z)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = spectral_norm(nn.Linear(2, 32))
        self.b = spectral_norm(nn.Linear(32, 32))
        self.c = nn.Linear(32, 1)

    def forward(self, x):
        h = F.leaky_relu(self.a(x), 0.2)
        h = F.leaky_relu(self.b(h), 0.2)
        return self.c(h).squeeze(-1)


def real_points(n):
    centre = torch.randint(0, 4, (n,))
    angle = centre * (torch.pi / 2)
    return torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(n, 2)


def r1(critic, points):
    points = points.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
    return slope.pow(2).sum(1).mean()


generator, critic = Generator(), Critic()
opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.0, 0.9))
opt_c = torch.optim.Adam(critic.parameters(), lr=4e-3, betas=(0.0, 0.9))

for step in range(12):
    real = real_points(32)
    with torch.no_grad():
        fake = generator(torch.randn(32, LATENT))
    loss_c = F.relu(1 - critic(real)).mean() + F.relu(1 + critic(fake)).mean()
    if step % 4 == 0:
        loss_c = loss_c + 0.5 * 4 * r1(critic, real)
    opt_c.zero_grad()
    loss_c.backward()
    opt_c.step()

    critic.requires_grad_(False)
    loss_g = -critic(generator(torch.randn(32, LATENT))).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    critic.requires_grad_(True)
    if step % 4 == 3:
        print(step, round(loss_c.item(), 4), round(loss_g.item(), 4))

generator.eval()
with torch.no_grad():
    print(generator(torch.randn(64, LATENT)).std(0))
