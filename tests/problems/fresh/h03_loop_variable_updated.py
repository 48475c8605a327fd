import torch
from torch import nn

torch.manual_seed(3)
net = nn.Linear(3, 1)
x, y = torch.randn(16, 3), torch.randn(16, 1)
lr = 0.1
for step in range(6):
    loss = ((net(x) - y) ** 2).mean()
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p = p - lr * p.grad
    print(step, loss.item())
