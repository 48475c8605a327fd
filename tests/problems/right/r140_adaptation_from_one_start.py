# each task starts from the weights of the others, and first-order meta-learning moves that start
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
outer = torch.optim.SGD(model.parameters(), lr=0.1)
for meta in range(5):
    start = {k: v.clone() for k, v in model.state_dict().items()}
    inner = torch.optim.SGD(model.parameters(), lr=0.05)
    phase = torch.rand(1) * 3
    for step in range(4):
        t = torch.rand(16, 1) * 6 - 3
        loss = (model(t) - torch.sin(t + phase)).square().mean()
        inner.zero_grad()
        loss.backward()
        inner.step()
    end = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(start)
    outer.zero_grad()
    for (name, p), s in zip(model.named_parameters(), start.values()):
        p.grad = s - end[name]
    outer.step()
