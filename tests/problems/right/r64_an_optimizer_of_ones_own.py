from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    lr: float = 0.1
    momentum: float = 0.8
    freeze: bool = True


class Heavy:
    """Gradient descent with momentum, with settings that may be changed between the steps."""

    def __init__(self, params, lr, momentum):
        self.params = list(params)
        self.lr, self.momentum = lr, momentum
        self.velocity = [torch.zeros_like(p) for p in self.params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.velocity):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


torch.manual_seed(0)
cfg = Config()
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
for p in net[0].parameters():
    p.requires_grad = not cfg.freeze
optimizer = Heavy(net.parameters(), cfg.lr, cfg.momentum)
reference = torch.optim.SGD(net.parameters(), lr=0.0)
x = torch.randn(30, 3)
y = x.sum(dim=1, keepdim=True)
for epoch in range(12):
    cfg.lr = 0.1 * 0.9**epoch
    optimizer.lr = cfg.lr
    optimizer.momentum = min(0.9, 0.5 + 0.05 * epoch)
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    reference.param_groups[0]["lr"] = cfg.lr
print(loss.item(), reference.param_groups[0]["lr"])
