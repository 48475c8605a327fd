import torch
from torch import nn

torch.manual_seed(12)
net = nn.Linear(4, 2)
start = [p.data for p in net.parameters()]
opt = torch.optim.SGD(net.parameters(), lr=0.2)
x, y = torch.randn(16, 4), torch.randint(0, 2, (16,))
for step in range(6):
    drift = sum((p - s).pow(2).sum() for p, s in zip(net.parameters(), start))
    loss = nn.functional.cross_entropy(net(x), y) + 0.1 * drift
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item(), drift.item())
