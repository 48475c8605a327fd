import copy

import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
meta_opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def sample_task():
    amplitude, phase = torch.rand(1) * 4 + 0.5, torch.rand(1) * 3
    return lambda x: amplitude * torch.sin(x + phase)


for meta_step in range(4):
    meta_opt.zero_grad()
    meta_loss = 0.0
    for _ in range(3):
        f = sample_task()
        learner = copy.deepcopy(net)
        inner_opt = torch.optim.SGD(learner.parameters(), lr=0.05)
        xs = torch.rand(10, 1) * 6 - 3
        inner_loss = F.mse_loss(learner(xs), f(xs))
        inner_opt.zero_grad()
        inner_loss.backward()
        inner_opt.step()
        xq = torch.rand(10, 1) * 6 - 3
        meta_loss = meta_loss + F.mse_loss(learner(xq), f(xq))
    meta_loss.backward()
    meta_opt.step()
    print(meta_step, meta_loss.item())
