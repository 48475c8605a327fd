import torch
from torch import nn

torch.manual_seed(7)
critic = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
gen = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 2))
c_opt = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
g_opt = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.0, 0.9))


def sample(n):
    angle = torch.rand(n) * 6.2832
    return torch.stack([angle.cos(), angle.sin()], dim=1)


def penalty(real, fake):
    mix = torch.rand(len(real), 1)
    point = (mix * real + (1 - mix) * fake).requires_grad_()
    out = critic(point)
    (slope,) = torch.autograd.grad(out.sum(), point, create_graph=True)
    return ((slope.norm(dim=1) - 1) ** 2).mean()


for it in range(10):
    for _ in range(3):
        real = sample(32)
        with torch.no_grad():
            fake = gen(torch.randn(32, 3))
        c_loss = critic(fake).mean() - critic(real).mean() + 10 * penalty(real, fake)
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
    for p in critic.parameters():
        p.requires_grad_(False)
    g_loss = -critic(gen(torch.randn(32, 3))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    for p in critic.parameters():
        p.requires_grad_(True)
    print(it, c_loss.item(), g_loss.item())
