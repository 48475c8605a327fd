import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(12)
model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.1)
x = torch.rand(64, 2) * 2 - 1
y = torch.sin(3 * x[:, :1]) * x[:, 1:]


def evaluate():
    with torch.no_grad():
        return F.mse_loss(model(x), y).item()


for epoch in range(12):
    for xb, yb in zip(x.split(16), y.split(16)):
        optimizer.zero_grad()
        loss = F.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
    scheduler.step()
    print(epoch, evaluate(), scheduler.get_last_lr())
