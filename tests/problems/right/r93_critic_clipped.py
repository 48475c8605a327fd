import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(3, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
g_opt = torch.optim.RMSprop(generator.parameters(), lr=1e-3)
c_opt = torch.optim.RMSprop(critic.parameters(), lr=1e-3)


def sample_real(n):
    angle = torch.rand(n) * 6.2832
    return torch.stack([angle.cos(), angle.sin()], dim=1) * 2


for step in range(6):
    for _ in range(3):
        real = sample_real(16)
        with torch.no_grad():
            fake = generator(torch.randn(16, 3))
        c_loss = critic(fake).mean() - critic(real).mean()
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.1, 0.1)
    g_loss = -critic(generator(torch.randn(16, 3))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    print(step, c_loss.item(), g_loss.item())
