import torch
from torch import nn


class Res(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, d))
        self.norm = nn.LayerNorm(d)

    def forward(self, x, skip):
        y = self.norm(x)
        y = self.body(x)
        return torch.relu(y)


torch.manual_seed(0)
a, b, out = Res(4), Res(4), nn.Linear(4, 1)
params = [p for m in (a, b, out) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=1e-2)
x = torch.randn(20, 4)
for _ in range(4):
    h = a(x, x)
    loss = (out(b(h, x)) - x.sum(1, keepdim=True)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
