import torch
from torch import nn


class Tower(nn.Module):
    def __init__(self, widths):
        super().__init__()
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers.append(nn.Linear(a, b))
            layers.append(nn.ReLU())
        self.body = nn.Sequential(*layers[:-1])
        self.history = []
        self.criteria = [nn.MSELoss(), nn.L1Loss()]

    def forward(self, x):
        return self.body(x)

    def loss(self, x, y):
        out = self(x)
        parts = [criterion(out, y) for criterion in self.criteria]
        self.history.append([p.item() for p in parts])
        return sum(parts)


torch.manual_seed(6)
tower = Tower([3, 16, 16, 1])
opt = torch.optim.Adam(tower.parameters(), lr=0.01)
x = torch.randn(30, 3)
y = x.abs().sum(1, keepdim=True)
for epoch in range(10):
    loss = tower.loss(x, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(tower.history[-1])
