# gather along the actions, a target that follows by copy_, an end that stops the future
import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
q = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 3))
q_t = copy.deepcopy(q).requires_grad_(False)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)


def soft_update(target, source, tau=0.05):
    for tp, sp in zip(target.parameters(), source.parameters()):
        tp.data.copy_(tp.data * (1.0 - tau) + sp.data * tau)


for step in range(8):
    s, s2 = torch.randn(32, 4), torch.randn(32, 4)
    a = torch.randint(0, 3, (32, 1))
    r, done = torch.randn(32, 1), (torch.rand(32, 1) < 0.1).float()
    best = q(s2).detach().argmax(1, keepdim=True)
    goal = r + 0.99 * (1 - done) * q_t(s2).gather(1, best)
    loss = F.smooth_l1_loss(q(s).gather(1, a), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    soft_update(q_t, q)
