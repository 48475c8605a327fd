import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (45,))
x = torch.randn(45, 6) * 0.5
x[torch.arange(45), labels] += 2.0
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)


def attack(images, targets, epsilon, steps=2):
    """Moves each input where the loss grows, and not further than epsilon."""
    start = images.detach()
    moved = start + epsilon * (2 * torch.rand_like(start) - 1)
    for _ in range(steps):
        moved.requires_grad_(True)
        loss = F.cross_entropy(model(moved), targets)
        (slope,) = torch.autograd.grad(loss, moved)
        moved = moved.detach() + 0.7 * epsilon * slope.sign()
        moved = torch.min(torch.max(moved, start - epsilon), start + epsilon)
    return moved.detach()


def accuracy(images):
    with torch.no_grad():
        predicted = model(images).max(1)[1]
        return predicted.eq(labels).sum().item() / len(labels)


for epoch in range(4):
    for part in torch.randperm(45).split(15):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(attack(x[part], labels[part], 0.3)), labels[part])
        loss.backward()
        optimizer.step()
print("clean", accuracy(x), "attacked", accuracy(attack(x, labels, 0.3)))
