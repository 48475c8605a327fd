import torch
from torch import nn


class Forecaster(nn.Module):
    def __init__(self, hidden=12):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, num_layers=2, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, window):
        out, (h, _) = self.lstm(window)
        return self.head(out[:, -1]), h[-1]


def windows(series, size):
    xs = series.unfold(0, size, 1)[:-1]
    return xs.unsqueeze(-1), series[size:].unsqueeze(-1)


torch.manual_seed(0)
time = torch.arange(0, 60, dtype=torch.float32)
series = torch.sin(time / 4) + 0.05 * torch.randn(60)
mean, std = series[:40].mean(), series[:40].std()
x, y = windows((series - mean) / std, 12)
train_x, train_y, test_x, test_y = x[:36], y[:36], x[36:], y[36:]
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.HuberLoss()
for epoch in range(3):
    model.train()
    for start in range(0, 36, 12):
        prediction, _ = model(train_x[start : start + 12])
        loss = loss_fn(prediction, train_y[start : start + 12])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        naive = (test_x[:, -1] - test_y).abs().mean()
        error = (model(test_x)[0] - test_y).abs().mean()
    print(epoch, error.item() * std.item(), naive.item() * std.item())
