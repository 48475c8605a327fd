"""The programs of the suite."""

from __future__ import annotations

TRAINING = """import torch
w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
for epoch in range({}):
    h = w * 2
    h = (h + v) * h
    h = h * 0.5
    loss = (h * 3).sum()
    loss.backward()
"""
# 64-[64]x6-1, batch 32: the run behind the design of the memory.
MLP = """import torch
from torch import nn
torch.manual_seed(0)
layers = []
for _ in range(6):
    layers += [nn.Linear(64, 64), nn.Tanh()]
model = nn.Sequential(*layers, nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x, t = torch.randn(320, 64), torch.randn(320, 1)
for epoch in range({}):
    for k in range(10):
        rows = slice(32 * k, 32 * k + 32)
        optimizer.zero_grad()
        loss = ((model(x[rows]) - t[rows]) ** 2).mean()
        loss.backward()
        optimizer.step()
"""
