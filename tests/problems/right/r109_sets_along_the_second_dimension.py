# a set encoder: samples stand in dimension 1, and dimension 0 is reduced; as many samples as members
import torch
from torch import nn

torch.manual_seed(0)
sets = torch.randn(6, 24, 3)
y = (sets.mean((0, 2)) > 0).long()
phi, rho = nn.Linear(3, 8), nn.Linear(8, 2)
opt = torch.optim.Adam([*phi.parameters(), *rho.parameters()], lr=1e-2)
for epoch in range(3):
    for i in range(0, 24, 6):
        batch = sets[:, i : i + 6]
        pooled = torch.relu(phi(batch)).mean(0)
        loss = nn.functional.cross_entropy(rho(pooled), y[i : i + 6])
        opt.zero_grad()
        loss.backward()
        opt.step()
