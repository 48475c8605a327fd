import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(7)
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
x = torch.randn(96, 4)
y = (x[:, 0] * x[:, 1] > 0).long()


def batches():
    order = torch.randperm(96)
    for part in order.split(32):
        yield x[part], y[part]


for epoch in range(4):
    mean = 0.0
    for xb, yb in batches():
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        scaler.step(optimizer)
        scaler.update()
        mean += loss.item() / 3
    print("epoch", epoch, "loss", mean)
