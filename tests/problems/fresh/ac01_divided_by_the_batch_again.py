import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()
x = torch.randn(128, 6)
y = x[:, :3].argmax(1)


def train(epochs):
    for epoch in range(epochs):
        total = 0.0
        for xb, yb in zip(x.split(32), y.split(32)):
            optimizer.zero_grad()
            out = model(xb)
            loss = criterion(out, yb)
            loss = loss / len(xb)
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(epoch, total)


train(5)
