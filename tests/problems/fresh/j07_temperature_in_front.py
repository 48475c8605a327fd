import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)
enc = nn.Linear(12, 6)
opt = torch.optim.Adam(enc.parameters(), 1e-2)
tau = 0.1
x = torch.randn(24, 12)
for _ in range(5):
    z1 = F.normalize(enc(x + 0.1 * torch.randn_like(x)), dim=1)
    z2 = F.normalize(enc(x + 0.1 * torch.randn_like(x)), dim=1)
    sim = torch.matmul(z1, z2.T)
    loss = F.cross_entropy(tau * sim, torch.arange(24))
    opt.zero_grad()
    loss.backward()
    opt.step()
