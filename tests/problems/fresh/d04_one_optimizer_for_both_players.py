import itertools

import torch
from torch import nn

torch.manual_seed(3)
gen = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
disc = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(itertools.chain(gen.parameters(), disc.parameters()), lr=1e-3)
bce = nn.functional.binary_cross_entropy_with_logits
for step in range(8):
    real, fake = torch.randn(16, 2) + 2, gen(torch.randn(16, 2))
    d_loss = bce(disc(real), torch.ones(16, 1)) + bce(disc(fake.detach()), torch.zeros(16, 1))
    opt.zero_grad()
    d_loss.backward()
    opt.step()
    g_loss = bce(disc(gen(torch.randn(16, 2))), torch.ones(16, 1))
    opt.zero_grad()
    g_loss.backward()
    opt.step()
