import math

import torch
from torch import nn

T, DIM = 20, 16
betas = torch.linspace(1e-3, 0.2, T)
alpha_bar = torch.cumprod(1 - betas, dim=0)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Linear(8, 32)
        self.inp = nn.Linear(DIM, 32)
        self.out = nn.Sequential(nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, DIM))

    def embed(self, t):
        freqs = torch.exp(-math.log(1000.0) * torch.arange(4) / 4)
        angles = t[:, None].float() * freqs[None]
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    def forward(self, x, t):
        return self.out(self.inp(x) + self.time(self.embed(t)))


def q_sample(x0, t, noise):
    a = alpha_bar[t]
    return a.sqrt() * x0 + (1 - a).sqrt() * noise


torch.manual_seed(0)
data = torch.randn(64, DIM) * 0.2 + torch.linspace(-1, 1, DIM)
model = Denoiser()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(6):
    x0 = data[torch.randint(0, 64, (16,))]
    t = torch.randint(0, T, (16,))
    noise = torch.randn_like(x0)
    loss = (model(q_sample(x0, t, noise), t) - noise).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
