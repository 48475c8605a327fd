import torch
from torch import nn


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


torch.manual_seed(0)
latent, clip = 3, 0.01
generator = mlp(latent, 16, 2)
critic = mlp(2, 16, 1)
g_opt = torch.optim.RMSprop(generator.parameters(), lr=5e-3)
c_opt = torch.optim.RMSprop(critic.parameters(), lr=5e-3)


def sample_real(n):
    angle = torch.rand(n) * 6.2832
    return torch.stack([angle.cos(), angle.sin()], dim=1) * 2


for step in range(6):
    for _ in range(3):
        real = sample_real(16)
        with torch.no_grad():
            fake = generator(torch.randn(16, latent))
        c_loss = critic(fake).mean() - critic(real).mean()
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
        with torch.no_grad():
            for p in generator.parameters():
                p.clamp_(-clip, clip)
    g_loss = -critic(generator(torch.randn(16, latent))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    print(step, round(c_loss.item(), 4), round(g_loss.item(), 4))
