import torch
from torch import nn

torch.manual_seed(5)
enc = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(enc.parameters(), lr=1e-3)
a = torch.randn(24, 6)
for step in range(10):
    b = a + 0.1 * torch.randn_like(a)
    za, zb = enc(a), enc(b)
    za, zb = za - za.mean(dim=0), zb - zb.mean(dim=0)
    za, zb = za / (za.std(dim=0) + 1e-4), zb / (zb.std(dim=0) + 1e-4)
    c = za.T @ zb / 24
    loss = ((c - torch.eye(4)) ** 2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
