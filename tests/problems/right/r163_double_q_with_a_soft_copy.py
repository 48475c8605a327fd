import copy
import random
import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)


class Q(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, s):
        return self.f(s)


def world(state, action):
    nxt = 0.9 * state + 0.1 * (action * 2 - 1)
    return nxt, -nxt.abs().sum(), random.random() < 0.05


online = Q()
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad_(False)
opt = torch.optim.Adam(online.parameters(), lr=1e-3)
memory, state = [], torch.randn(3)
for t in range(60):
    if random.random() < 0.3:
        action = random.randrange(2)
    else:
        with torch.no_grad():
            action = int(online(state.unsqueeze(0)).argmax())
    nxt, reward, done = world(state, action)
    memory.append((state, action, reward, nxt, float(done)))
    state = torch.randn(3) if done else nxt
    if len(memory) < 16:
        continue
    batch = random.sample(memory, 16)
    s = torch.stack([m[0] for m in batch])
    a = torch.tensor([m[1] for m in batch])
    r = torch.stack([m[2] for m in batch])
    s2 = torch.stack([m[3] for m in batch])
    d = torch.tensor([m[4] for m in batch])
    q = online(s).gather(1, a[:, None]).squeeze(1)
    with torch.no_grad():
        goal = r + 0.97 * (1 - d) * target(s2).amax(dim=1)
    loss = nn.functional.huber_loss(q, goal)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(online.parameters(), 10.0)
    opt.step()
    with torch.no_grad():
        for tp, p in zip(target.parameters(), online.parameters()):
            tp.lerp_(p, 0.05)
print(loss.item())
