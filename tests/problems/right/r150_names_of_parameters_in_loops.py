# loops that give a parameter's name to what is computed from it, and leaves that are only a start
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Linear(12, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(30, 5)
y = torch.randint(0, 2, (30,))
for step in range(5):
    penalty = 0.0
    for p in net.parameters():
        p = p.flatten()
        penalty = penalty + p.square().sum()
    loss = nn.functional.cross_entropy(net(x), y) + 1e-3 * penalty
    opt.zero_grad()
    loss.backward()
    opt.step()
c = torch.ones(2, requires_grad=True) * 3
d = (c * torch.tensor([1.0, 2.0])).sum()
d.backward()
print(d.item())
for name, p in net.named_parameters():
    p = p.detach()
    print(name, p.mean().item())
