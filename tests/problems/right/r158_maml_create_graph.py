import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

torch.manual_seed(6)


class Sine(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.a = nn.Linear(1, width)
        self.b = nn.Linear(width, width)
        self.c = nn.Linear(width, 1)

    def forward(self, x):
        return self.c(torch.tanh(self.b(torch.tanh(self.a(x)))))


def task():
    amplitude = 0.5 + torch.rand(()) * 2
    phase = torch.rand(()) * torch.pi

    def draw(n):
        x = torch.rand(n, 1) * 6 - 3
        return x, amplitude * torch.sin(x + phase)

    return draw


model = Sine()
rates = nn.ParameterDict({name.replace(".", "_"): nn.Parameter(torch.tensor(0.05)) for name, _ in model.named_parameters()})
meta = torch.optim.Adam([*model.parameters(), *rates.parameters()], lr=3e-3)


def adapt(weights, x, y, steps, second_order=True):
    for _ in range(steps):
        loss = F.mse_loss(functional_call(model, weights, (x,)), y)
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=second_order)
        weights = {name: w - rates[name.replace(".", "_")] * g for (name, w), g in zip(weights.items(), slopes)}
    return weights


for iteration in range(6):
    meta.zero_grad()
    outer = 0.0
    for _ in range(3):
        draw = task()
        support, query = draw(8), draw(12)
        adapted = adapt(dict(model.named_parameters()), *support, steps=2)
        loss = F.mse_loss(functional_call(model, adapted, (query[0],)), query[1])
        (loss / 3).backward()
        outer += loss.item() / 3
    norm = nn.utils.clip_grad_norm_([*model.parameters(), *rates.parameters()], 5.0)
    meta.step()
    with torch.no_grad():
        for rate in rates.values():
            rate.clamp_(min=1e-4)
    print(iteration, round(outer, 4), round(norm.item(), 3))

draw = task()
x, y = draw(8)
start = {name: p.detach().clone().requires_grad_(True) for name, p in model.named_parameters()}
tuned = adapt(start, x, y, steps=3, second_order=False)
with torch.no_grad():
    qx, qy = draw(20)
    before = F.mse_loss(model(qx), qy).item()
    after = F.mse_loss(functional_call(model, tuned, (qx,)), qy).item()
print(round(before, 3), round(after, 3))
