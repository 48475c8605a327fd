import torch
import torch.nn.functional as F
from torch import nn


class Counts(nn.Module):
    """How many bikes are rented in an hour."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return torch.exp(self.body(x)).squeeze(1)


torch.manual_seed(0)
x = torch.randn(80, 4)
rate = torch.exp(0.5 * x[:, 0] - 0.3 * x[:, 1] + 1.0)
y = torch.poisson(rate)
model = Counts()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    total = 0.0
    for part in torch.randperm(80).split(20):
        prediction = model(x[part])
        loss = F.poisson_nll_loss(prediction, y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        error = (model(x) - rate).abs().mean()
    print(epoch, total / 4, error.item())
