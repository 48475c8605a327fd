import torch
from torch import nn

torch.manual_seed(0)


class Forecaster(nn.Module):
    """Time stands first, as nn.LSTM has it."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 10)
        self.read = nn.Linear(10, 1)

    def forward(self, window, state=None):
        out, state = self.lstm(window, state)
        return self.read(out[-1]), state


model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
series = torch.randn(9, 16, 2)
target = series[-1, :, :1] * 0.5
for k in range(12):
    pred, _ = model(series)
    loss = nn.functional.smooth_l1_loss(pred, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
