"""A loss enlarged by a GradScaler: what arrives at the weights is large, and made small again before the step."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
x = torch.randn(16, 2)
y = x @ torch.tensor([[1.0], [-2.0]])
for step in range(20):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    scaler.scale(loss).backward()
    scaler.step(opt)
    scaler.update()
print(loss.item())
