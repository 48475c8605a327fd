# margins on pairs, some of which do not count; a heavy mask; double exponentials of a Gumbel
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
a, b = torch.randn(40, 5), torch.randn(40, 5)
better = torch.where(a.sum(1) > b.sum(1), 1.0, -1.0)
counts = (torch.rand(40) < 0.7).float()
score = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 1))
opt = torch.optim.Adam(score.parameters(), lr=1e-2)
for step in range(5):
    gap = (score(a) - score(b)).squeeze(1)
    rank = (counts * F.relu(1 - better * gap)).sum() / counts.sum()
    gumbel = torch.exp(-torch.exp(-gap)).mean()
    loss = rank + 0.01 * gumbel
    opt.zero_grad()
    loss.backward()
    opt.step()
