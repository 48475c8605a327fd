import torch
from torch import nn


def spearman(pred, target):
    pr = pred.argsort().argsort().float()
    tr = target.argsort().argsort().float()
    pr = pr - pr.mean()
    tr = tr - tr.mean()
    return (pr * tr).sum() / (pr.norm() * tr.norm())


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(50, 6)
returns = x[:, 0] - x[:, 3]
for epoch in range(5):
    optimizer.zero_grad()
    corr = spearman(model(x).squeeze(-1), returns)
    (-corr).backward()
    optimizer.step()
