import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(8)
query, key = nn.Linear(8, 4), nn.Linear(8, 4)
opt = torch.optim.SGD(query.parameters(), lr=0.1)
queue = F.normalize(torch.randn(4, 20), dim=0)
x = torch.randn(16, 8)
for _ in range(5):
    q = F.normalize(query(x + 0.1 * torch.randn_like(x)), dim=1)
    k = F.normalize(key(x), dim=1).detach()
    positive = (q * k).sum(1, keepdim=True)
    logits = torch.cat([positive, q @ queue], dim=1) / 0.2
    labels = torch.zeros(logits.size(0), dtype=torch.long)
    loss = F.cross_entropy(logits, labels)
    opt.zero_grad()
    loss.backward()
    opt.step()

u = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
solver = torch.optim.Adam(u.parameters(), lr=1e-2)
t = torch.linspace(0, 1, 20).unsqueeze(1).requires_grad_()
for _ in range(5):
    (du,) = torch.autograd.grad(u(t).sum(), t, create_graph=True)
    residual = du + u(t)
    start = u(torch.zeros(1, 1))
    loss = F.mse_loss(residual, torch.zeros_like(residual)) + F.mse_loss(start, torch.ones_like(start))
    solver.zero_grad()
    loss.backward()
    solver.step()
