import copy

import torch
from torch import nn

torch.manual_seed(1)
net = nn.Linear(5, 2)
slow, slower = copy.deepcopy(net), copy.deepcopy(net)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
tau, decay, momentum = 0.01, 0.99, 0.1
running = torch.zeros(5)
x, y = torch.randn(60, 5), torch.randn(60, 2)
smooth = 0.0
for step in range(8):
    batch = x[torch.randperm(60)[:20]]
    running = (1 - momentum) * running + momentum * batch.mean(0)
    opt.zero_grad()
    loss = (net(x - running) - y).pow(2).mean()
    loss.backward()
    opt.step()
    smooth = 0.1 * smooth + 0.9 * loss.item()
    with torch.no_grad():
        for s, p in zip(slow.parameters(), net.parameters()):
            s.mul_(decay).add_(p, alpha=1 - decay)
        for s, p in zip(slower.parameters(), net.parameters()):
            s.data.copy_(tau * p.data + (1 - tau) * s.data)
        for s, p in zip(slow.parameters(), net.parameters()):
            s.lerp_(p, tau)
print(smooth, slow(x).mean().item(), slower(x).mean().item())
