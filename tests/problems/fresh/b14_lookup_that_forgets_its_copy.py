import copy
import torch
from torch import nn

torch.manual_seed(12)
layer = nn.Linear(6, 6)
stack = nn.Sequential(*[layer for _ in range(4)])
head = nn.Linear(6, 1)
opt = torch.optim.Adam([*stack.parameters(), *head.parameters()], lr=1e-2)
x, y = torch.randn(20, 6), torch.randn(20, 1)
for _ in range(5):
    h = x
    for block in stack:
        h = torch.tanh(block(h))
    loss = nn.functional.mse_loss(head(h), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
