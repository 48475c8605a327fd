# a frozen network of which the statistics were measured before, and an average that takes over all entries of the state
import copy

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(48, 6) * 2 + 1
y = (x.sum(1) > 6).long()
net = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
ema = copy.deepcopy(net).requires_grad_(False).eval()
for step in range(8):
    loss = nn.functional.cross_entropy(net(x), y)
    with torch.no_grad():
        agreement = (ema(x).argmax(1) == y).float().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for a, b in zip(ema.state_dict().values(), net.state_dict().values()):
            if a.dtype.is_floating_point:
                a.lerp_(b, 0.2)
            else:
                a.copy_(b)
net.eval()
for m in net.modules():
    if isinstance(m, nn.BatchNorm1d):
        m.requires_grad_(False)
head = nn.Linear(2, 2)
opt = torch.optim.Adam(head.parameters(), lr=1e-2)
for step in range(4):
    with torch.no_grad():
        features = net(x)
    loss = nn.functional.cross_entropy(head(features), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
