import torch
from torch import nn


class Forecaster(nn.Module):
    def __init__(self, features=1, hidden=12):
        super().__init__()
        self.lstm = nn.LSTM(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, window):
        out, _ = self.lstm(window)
        last = out[-1]
        return self.head(last)


def windows(series, size):
    xs = [series[i : i + size] for i in range(len(series) - size)]
    ys = [series[i + size] for i in range(len(series) - size)]
    return torch.stack(xs).unsqueeze(-1), torch.stack(ys).unsqueeze(-1)


torch.manual_seed(0)
time = torch.arange(0, 60, dtype=torch.float32)
series = torch.sin(time / 4) + 0.05 * torch.randn(60)
x, y = windows(series, 12)
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.MSELoss()
for epoch in range(3):
    losses = []
    for start in range(0, 48, 12):
        batch, target = x[start : start + 12], y[start : start + 12]
        prediction = model(batch)
        loss = loss_fn(prediction, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(epoch, sum(losses) / len(losses))
