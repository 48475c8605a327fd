import copy
import random

import torch
from torch import nn

random.seed(1)
torch.manual_seed(1)
online = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 4))
target = copy.deepcopy(online).requires_grad_(False)
optimizer = torch.optim.RMSprop(online.parameters(), lr=5e-4)
size, batch = 120, 24
obs = torch.randn(size, 3)
act = torch.randint(0, 4, (size,))
rew = (act == obs.argmax(dim=1)).float()
nxt = obs + 0.2 * torch.randn(size, 3)
priority = torch.ones(size)
for step in range(12):
    idx = torch.multinomial(priority, batch, replacement=False)
    weights = (size * priority[idx] / priority.sum()).reciprocal()
    weights /= weights.max()
    q = online(obs[idx])[torch.arange(batch), act[idx]]
    with torch.no_grad():
        chosen = online(nxt[idx]).argmax(dim=1, keepdim=True)
        goal = rew[idx] + 0.95 * target(nxt[idx]).gather(1, chosen).squeeze(1)
    td = nn.functional.smooth_l1_loss(q, goal, reduction="none")
    optimizer.zero_grad()
    (weights * td).mean().backward()
    optimizer.step()
    priority[idx] = td.detach() + 1e-3
    with torch.no_grad():
        for slow, fast in zip(target.parameters(), online.parameters()):
            slow.mul_(0.9).add_(fast, alpha=0.1)
print(td.mean().item())
