# standardised along the wrong axis, one feature, numpy-free
import torch
from torch import nn

torch.manual_seed(0)
t = torch.rand(50, 1) * 30
y = 0.5 * t + 2
x = t / t.sum(dim=-1, keepdim=True)
m = nn.Linear(1, 1)
o = torch.optim.SGD(m.parameters(), lr=0.1)
for e in range(10):
    o.zero_grad()
    l = ((m(x) - y) ** 2).mean()
    l.backward()
    o.step()
print(l.item())
