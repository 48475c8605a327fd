import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(20)
model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
x = torch.randn(128, 6)
y = x[:, :4].argmax(1)
accumulate = 4


def train():
    total = 0.0
    for number, (xb, yb) in enumerate(zip(x.split(8), y.split(8))):
        loss = F.cross_entropy(model(xb), yb) / accumulate
        loss.backward()
        optimizer.step()
        if (number + 1) % accumulate == 0:
            optimizer.zero_grad()
        total += loss.item() * accumulate
    return total / 16


for epoch in range(4):
    print("epoch", epoch, "loss", round(train(), 4))
with torch.no_grad():
    print("accuracy", (model(x).argmax(1) == y).float().mean().item())
