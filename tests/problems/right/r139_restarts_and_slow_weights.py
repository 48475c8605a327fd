# weights that are drawn or loaded again on purpose: restarts of which the best is kept, slow weights, a step that looks around, dead codes
import copy

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(40, 5)
y = x[:, :1].sin()
net = nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
best, best_state = float("inf"), None
for trial in range(4):
    for layer in net:
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    for step in range(5):
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if loss.item() < best:
        best, best_state = loss.item(), copy.deepcopy(net.state_dict())
net.load_state_dict(best_state)
slow = [p.detach().clone() for p in net.parameters()]
for step in range(9):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 3 == 2:
        with torch.no_grad():
            for p, s in zip(net.parameters(), slow):
                s.lerp_(p, 0.5)
                p.copy_(s)
for step in range(5):
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    old = [p.detach().clone() for p in net.parameters()]
    with torch.no_grad():
        norm = torch.stack([p.grad.norm() for p in net.parameters()]).norm()
        for p in net.parameters():
            p.add_(p.grad, alpha=0.02 / (norm.item() + 1e-12))
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    with torch.no_grad():
        for p, o in zip(net.parameters(), old):
            p.copy_(o)
    opt.step()
