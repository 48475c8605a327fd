# rates by group, a plateau that is given its measure, one cycle by batches, an epoch that is given by hand
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(6, 24), nn.ReLU()), nn.Linear(24, 1)
x = torch.randn(64, 6)
y = x[:, :2].sum(1, keepdim=True)
groups = [{"params": body.parameters(), "lr": 2e-3, "name": "body"}, {"params": head.parameters(), "weight_decay": 0.0}]
opt = torch.optim.AdamW(groups, lr=1e-2, weight_decay=1e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=1)
for epoch in range(6):
    total = 0.0
    for a, b in zip(x.split(16), y.split(16)):
        loss = nn.functional.mse_loss(head(body(a)), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    plateau.step(total / 4)
second = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.01, momentum=0.9)
cycle = torch.optim.lr_scheduler.OneCycleLR(second, max_lr=0.02, total_steps=12)
for epoch in range(3):
    for a, b in zip(x.split(16), y.split(16)):
        loss = nn.functional.mse_loss(head(body(a)), b)
        second.zero_grad()
        loss.backward()
        second.step()
        cycle.step()
