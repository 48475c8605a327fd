import torch
from torch import nn

torch.manual_seed(22)
trunk, a, b = nn.Linear(3, 5), nn.Linear(5, 1), nn.Linear(5, 2)
params = [p for m in (trunk, a, b) for p in m.parameters()]
opt = torch.optim.SGD(params, lr=0.05)
x, ya, yb = torch.randn(12, 3), torch.randn(12, 1), torch.randint(0, 2, (12,))
for _ in range(5):
    opt.zero_grad()
    h = torch.relu(trunk(x))
    la = nn.functional.mse_loss(a(h), ya)
    lb = nn.functional.cross_entropy(b(h), yb)
    la.backward(retain_graph=True)
    lb.backward()
    opt.step()
print(la.item(), lb.item())
