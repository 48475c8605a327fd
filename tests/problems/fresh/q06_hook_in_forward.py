import torch
from torch import nn


class Slow(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)

    def forward(self, x):
        self.lin.weight.register_hook(lambda g: 0.5 * g)
        return self.lin(x)


torch.manual_seed(0)
m = nn.Sequential(Slow(), nn.ReLU(), nn.Linear(3, 1))
opt = torch.optim.SGD(m.parameters(), lr=0.1)
x, y = torch.randn(16, 3), torch.randn(16, 1)
for i in range(6):
    opt.zero_grad()
    ((m(x) - y) ** 2).mean().backward()
    opt.step()
