# a gradient penalty with a norm for each sample, and one for a field of several dimensions
import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 8))
D = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
optD = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.0, 0.9))
optG = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.0, 0.9))
for step in range(6):
    real = torch.randn(24, 8) + 2
    with torch.no_grad():
        fake = G(torch.randn(24, 3))
    alpha = torch.rand(24, 1).expand_as(real)
    mix = torch.lerp(fake, real, alpha).requires_grad_()
    score = D(mix)
    grad = torch.autograd.grad(score.sum(), mix, create_graph=True)[0].view(24, 2, 4)
    gp = (grad.flatten(1).norm(2, dim=1) - 1).square().mean()
    loss_d = D(fake).mean() - D(real).mean() + 10 * gp
    optD.zero_grad()
    loss_d.backward()
    optD.step()
    if step % 2:
        loss_g = -D(G(torch.randn(24, 3))).mean()
        optG.zero_grad()
        loss_g.backward()
        optG.step()
