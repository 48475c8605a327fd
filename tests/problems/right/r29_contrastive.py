import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(25)
enc = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(enc.parameters(), lr=1e-2)
base = torch.randn(16, 6)
for _ in range(6):
    a = F.normalize(enc(base + 0.05 * torch.randn_like(base)), dim=1)
    b = F.normalize(enc(base + 0.05 * torch.randn_like(base)), dim=1)
    sim = a @ b.T / 0.5
    loss = F.cross_entropy(sim, torch.arange(16))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
