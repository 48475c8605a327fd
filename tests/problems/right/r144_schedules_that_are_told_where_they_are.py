# a schedule that is given a part of an epoch, and one that is given none beside a metric; groups with keys of the script's own
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Linear(5, 16), nn.Linear(16, 1)
opt = torch.optim.SGD(
    [{"params": body.parameters(), "lr_scale": 0.1}, {"params": head.parameters(), "lr_scale": 1.0}], lr=0.05, momentum=0.9
)
base = 0.05
x = torch.randn(60, 5)
y = x.sum(1, keepdim=True)
batches = list(zip(x.split(15), y.split(15)))
warm = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=2)
for epoch in range(4):
    for i, (a, b) in enumerate(batches):
        loss = nn.functional.mse_loss(head(body(a).relu()), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
        warm.step(epoch + i / len(batches))
for epoch in range(4):
    for group in opt.param_groups:
        group["lr"] = base * group["lr_scale"] * 0.9**epoch
    for a, b in batches:
        loss = nn.functional.mse_loss(head(body(a).relu()), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
