import copy

import torch
from torch import nn

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target = copy.deepcopy(online)
opt = torch.optim.Adam(online.parameters(), lr=1e-2)
TAU = 0.005
for step in range(20):
    s, n = torch.randn(16, 4), torch.randn(16, 4)
    with torch.no_grad():
        y = s[:, 0] + 0.9 * target(n).max(1).values
    loss = (online(s).max(1).values - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for p, t in zip(online.parameters(), target.parameters()):
            p.copy_((1 - TAU) * t + TAU * p)
