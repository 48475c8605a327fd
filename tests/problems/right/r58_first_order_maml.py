from copy import deepcopy

import torch
from torch import nn

torch.manual_seed(0)
loss_fn = nn.MSELoss()


def task():
    slope, shift = torch.randn(2)
    x = torch.randn(20, 1)
    return x[:10], slope * x[:10] + shift, x[10:], slope * x[10:] + shift


meta = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
outer = torch.optim.Adam(meta.parameters(), lr=5e-3)
for iteration in range(5):
    outer.zero_grad()
    for _ in range(3):
        xs, ys, xq, yq = task()
        fast = deepcopy(meta)
        inner = torch.optim.SGD(fast.parameters(), lr=0.05)
        for _ in range(2):
            inner.zero_grad()
            loss_fn(fast(xs), ys).backward()
            inner.step()
        query = loss_fn(fast(xq), yq)
        for p, g in zip(meta.parameters(), torch.autograd.grad(query, list(fast.parameters()))):
            p.grad = g / 3 if p.grad is None else p.grad + g / 3
    outer.step()
    print(iteration, query.item())
