# weights of features that are looked up, on a square batch
import torch
from torch import nn

torch.manual_seed(0)
table = torch.rand(5) + 0.5
kinds = torch.randint(0, 5, (8,))
x = torch.randn(32, 8)
y = (x * table[kinds]).sum(1, keepdim=True)
net = nn.Linear(8, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(3):
    for i in range(0, 32, 8):
        scaled = x[i : i + 8] * table[kinds]
        loss = (net(scaled) - y[i : i + 8]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
