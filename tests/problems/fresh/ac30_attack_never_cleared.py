import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(17)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
x = torch.randn(30, 4)
y = torch.randint(0, 3, (30,))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for _ in range(5):
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()


def pgd(x, y, epsilon, alpha, steps):
    delta = torch.zeros_like(x, requires_grad=True)
    for _ in range(steps):
        loss = F.cross_entropy(model(x + delta), y)
        loss.backward()
        with torch.no_grad():
            delta += alpha * delta.grad.sign()
            delta.clamp_(-epsilon, epsilon)
    return (x + delta).detach()


model.eval()
for p in model.parameters():
    p.requires_grad_(False)
attacked = pgd(x, y, 0.3, 0.05, 6)
with torch.no_grad():
    print("clean", (model(x).argmax(1) == y).float().mean().item())
    print("attacked", (model(attacked).argmax(1) == y).float().mean().item())
