import copy

import torch
from torch import nn

torch.manual_seed(9)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        sizes = [2, 20, 20, 1]
        for a, b in zip(sizes, sizes[1:]):
            layers += [nn.Linear(a, b), nn.Tanh()]
        self.net = nn.Sequential(*layers[:-1])

    def forward(self, x, t):
        return self.net(torch.cat([x, t], dim=1))


def residual(field, x, t, k=0.1):
    x.requires_grad_(True)
    t.requires_grad_(True)
    u = field(x, t)
    ones = torch.ones_like(u)
    u_x, u_t = torch.autograd.grad(u, (x, t), ones, create_graph=True)
    (u_xx,) = torch.autograd.grad(u_x, x, ones, create_graph=True)
    return u_t - k * u_xx


def losses(field):
    inside = residual(field, torch.rand(40, 1), torch.rand(40, 1)).pow(2).mean()
    x0 = torch.rand(20, 1)
    start = (field(x0, torch.zeros(20, 1)) - torch.sin(torch.pi * x0)).pow(2).sum() / 20
    side = torch.cat([torch.zeros(10, 1), torch.ones(10, 1)])
    border = field(side, torch.rand(20, 1)).pow(2).mean()
    return inside, start, border


def find_rate(field):
    state = copy.deepcopy(field.state_dict())
    optimizer = torch.optim.SGD(field.parameters(), lr=1e-4)
    best, chosen = float("inf"), 1e-4
    for exponent in range(6):
        for group in optimizer.param_groups:
            group["lr"] = 1e-4 * 3**exponent
        optimizer.zero_grad()
        loss = sum(losses(field))
        loss.backward()
        optimizer.step()
        if loss.item() < best:
            best, chosen = loss.item(), group["lr"]
    field.load_state_dict(state)
    return chosen


field = Field()
print("rate", find_rate(field))
optimizer = torch.optim.Adam(field.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 9], gamma=0.3)
weights = torch.tensor([1.0, 5.0, 5.0])
for step in range(12):
    optimizer.zero_grad()
    parts = torch.stack(losses(field))
    loss = (weights * parts).sum() / weights.sum()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(field.parameters(), 10.0)
    optimizer.step()
    scheduler.step()
    if step % 4 == 3:
        print(step, [round(p, 4) for p in parts.tolist()], round(norm.item(), 3))

x = torch.linspace(0, 1, 9).unsqueeze(1)
with torch.no_grad():
    exact = torch.exp(-0.1 * torch.pi**2 * torch.tensor(0.5)) * torch.sin(torch.pi * x)
    print((field(x, torch.full_like(x, 0.5)) - exact).abs().mean().item())
