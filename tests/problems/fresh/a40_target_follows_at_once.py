import copy

import torch
from torch import nn

torch.manual_seed(38)
online = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target = copy.deepcopy(online)
opt = torch.optim.Adam(online.parameters(), lr=1e-2)
tau = 0.005


def soft_update():
    for t, o in zip(target.parameters(), online.parameters()):
        t.data.copy_(tau * t.data + (1 - tau) * o.data)


for step in range(8):
    s, s2, r = torch.randn(16, 4), torch.randn(16, 4), torch.randn(16)
    a = torch.randint(0, 2, (16, 1))
    with torch.no_grad():
        goal = r + 0.9 * target(s2).max(1).values
    loss = nn.functional.mse_loss(online(s).gather(1, a).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    soft_update()
