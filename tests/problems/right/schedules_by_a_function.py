"""Schedulers of several kinds under one name: only the one in the function is given a measure."""

import torch
from torch.optim import lr_scheduler


def rates(make, losses):
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(opt)
    for loss in losses:
        opt.step()
        scheduler.step(loss)
    return opt.param_groups[0]["lr"]


print(rates(lambda opt: lr_scheduler.ReduceLROnPlateau(opt, patience=0), [1.0, 0.5, 0.6]))
weight = torch.ones(1, requires_grad=True)
opt = torch.optim.SGD([weight], lr=0.1)
scheduler = lr_scheduler.StepLR(opt, 2)
for epoch in range(4):
    opt.zero_grad()
    (weight**2).sum().backward()
    opt.step()
    scheduler.step()
print(weight)
