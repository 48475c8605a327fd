import torch
from torch import nn

torch.manual_seed(0)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, y):
        return self.net(y)


def integrate(field, y, dt, steps):
    path = torch.empty(steps + 1, *y.shape)
    path[0] = y
    for k in range(steps):
        y = y + dt * field(y)
        path[k + 1] = y
    return path


def rotation(y):
    return torch.stack([-y[..., 1], y[..., 0]], dim=-1)


start = torch.randn(8, 2)
with torch.no_grad():
    truth = integrate(rotation, start, 0.1, 6)
field = Field()
optimizer = torch.optim.Adam(field.parameters(), lr=0.02)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
for epoch in range(20):
    loss = (integrate(field, start, 0.1, 6) - truth).square().mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    schedule.step()
print(loss.item())
