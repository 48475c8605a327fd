import torch
from torch import nn


def stage(model, parts, lr, steps, x, y):
    for p in model.parameters():
        p.requires_grad_(False)
    wanted = [p for part in parts for p in part.parameters()]
    for p in wanted:
        p.requires_grad_(True)
    opt = torch.optim.Adam(wanted, lr=lr)
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


torch.manual_seed(2)
model = nn.Sequential(nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
x = torch.randn(50, 3)
y = x.prod(1, keepdim=True)
print(stage(model, [model[4]], 0.05, 8, x, y))
print(stage(model, [model[2], model[4]], 0.02, 8, x, y))
print(stage(model, [model], 0.005, 8, x, y))
