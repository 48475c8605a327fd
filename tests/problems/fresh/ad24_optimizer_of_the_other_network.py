import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(4)
gen = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
disc = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.1), nn.Linear(8, 1))
g_opt = torch.optim.Adam(disc.parameters(), lr=1e-3)
d_opt = torch.optim.Adam(disc.parameters(), lr=1e-3)
for it in range(6):
    real, fake = torch.randn(12, 2), gen(torch.randn(12, 3))
    d_loss = F.softplus(-disc(real)).mean() + F.softplus(disc(fake.detach())).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    g_loss = F.softplus(-disc(fake)).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
