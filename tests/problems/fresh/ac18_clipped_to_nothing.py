import torch
from torch import nn

torch.manual_seed(5)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
x = torch.randn(64, 3)
y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def train_one_epoch(epoch):
    total = 0.0
    for start in range(0, 64, 16):
        xb, yb = x[start : start + 16], y[start : start + 16]
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(xb), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), max_norm=1e-5)
        optimizer.step()
        total += loss.item()
    return total / 4


for epoch in range(10):
    print("epoch", epoch, "loss", train_one_epoch(epoch))

with torch.no_grad():
    print("error", (net(x) - y).abs().mean().item())
