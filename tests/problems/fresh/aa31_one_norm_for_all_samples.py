import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
optD = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.0, 0.9))
optG = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.0, 0.9))


def gradient_penalty(real, fake):
    alpha = torch.rand(real.size(0), 1)
    mix = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = D(mix)
    (grad,) = torch.autograd.grad(score, mix, torch.ones_like(score), create_graph=True)
    return ((grad.norm(2) - 1) ** 2).mean()


for step in range(6):
    real = torch.randn(24, 2) + 2
    fake = G(torch.randn(24, 3)).detach()
    lossD = D(fake).mean() - D(real).mean() + 10 * gradient_penalty(real, fake)
    optD.zero_grad()
    lossD.backward()
    optD.step()
    if step % 2 == 1:
        optG.zero_grad()
        (-D(G(torch.randn(24, 3))).mean()).backward()
        optG.step()
