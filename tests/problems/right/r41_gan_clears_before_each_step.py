import torch
from torch import nn

torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
disc = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.1), nn.Linear(16, 1))
opts = {"g": torch.optim.Adam(gen.parameters(), 1e-3), "d": torch.optim.Adam(disc.parameters(), 1e-3)}
softplus = nn.functional.softplus
for it in range(15):
    fake = gen(torch.randn(24, 3))
    real = torch.randn(24, 2) + 2
    opts["d"].zero_grad()
    d_loss = softplus(-disc(real)).mean() + softplus(disc(fake)).mean()
    d_loss.backward(retain_graph=True)
    opts["d"].step()
    opts["g"].zero_grad()
    g_loss = softplus(-disc(fake)).mean()
    g_loss.backward()
    opts["g"].step()
print(d_loss.item(), g_loss.item())
