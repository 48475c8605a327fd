import torch
from torch import nn


def gradient_penalty(critic, real, fake):
    alpha = torch.rand(real.size(0), 1)
    inter = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    scores = critic(inter)
    grads = torch.autograd.grad(scores, inter, grad_outputs=torch.ones_like(scores), retain_graph=True)[0]
    return ((grads.norm(2, dim=1) - 1) ** 2).mean()


torch.manual_seed(53)
critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
gen = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
c_opt = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.9))
g_opt = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.5, 0.9))
for it in range(6):
    real = torch.randn(16, 2) * 0.5 + 1
    for _ in range(2):
        fake = gen(torch.randn(16, 2)).detach()
        gp = gradient_penalty(critic, real, fake)
        c_loss = critic(fake).mean() - critic(real).mean() + 10 * gp
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
    g_loss = -critic(gen(torch.randn(16, 2))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    print(it, c_loss.item(), g_loss.item())
