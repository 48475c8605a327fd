import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
labels = torch.randint(0, 3, (45,))
x = torch.randn(45, 6) * 0.5
x[torch.arange(45), labels] += 2.0
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)


def fgsm(images, targets, epsilon):
    """Moves each input where the loss grows."""
    images = images.clone().requires_grad_(True)
    loss = F.cross_entropy(model(images), targets)
    loss.backward()
    images.grad.zero_()
    model.zero_grad()
    return (images + epsilon * images.grad.sign()).detach()


def accuracy(images):
    with torch.no_grad():
        return (model(images).argmax(1) == labels).float().mean().item()


for epoch in range(5):
    for part in torch.randperm(45).split(15):
        inputs, targets = x[part], labels[part]
        attacked = fgsm(inputs, targets, 0.5)
        loss = F.cross_entropy(model(attacked), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print("clean", accuracy(x), "attacked", accuracy(fgsm(x, labels, 0.5)))
