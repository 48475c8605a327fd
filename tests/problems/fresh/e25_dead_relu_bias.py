import torch
from torch import nn

torch.manual_seed(14)
first = nn.Linear(3, 6)
nn.init.constant_(first.bias, -10.0)
second = nn.Linear(6, 1)
params = [*first.parameters(), *second.parameters()]
opt = torch.optim.SGD(params, lr=0.1)
x, y = torch.randn(20, 3), torch.randn(20, 1)
for _ in range(5):
    opt.zero_grad()
    out = second(torch.relu(first(x)))
    ((out - y) ** 2).mean().backward()
    opt.step()
