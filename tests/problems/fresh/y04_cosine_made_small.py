import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8))
pred = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
opt = torch.optim.SGD([*enc.parameters(), *pred.parameters()], lr=0.05)


def D(p, z):
    return F.cosine_similarity(p, z.detach(), dim=-1).mean()


for step in range(10):
    x = torch.randn(32, 6)
    a, b = x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x)
    z1, z2 = enc(a), enc(b)
    p1, p2 = pred(z1), pred(z2)
    loss = D(p1, z2) / 2 + D(p2, z1) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
