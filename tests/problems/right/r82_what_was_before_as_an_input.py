import torch
from torch import nn

torch.manual_seed(11)
t = torch.arange(0, 12, 0.1)
wave = torch.sin(t) + 0.05 * torch.randn(len(t))
windows = wave.unfold(0, 6, 1)
x, y = windows[:, :5], windows[:, 5:]
model = nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(6):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
table = torch.cat([torch.ones(30, 1), torch.randn(30, 2)], dim=1)
target = 2 * table[:, 1] - table[:, 2] + 0.5
w = torch.zeros(3, requires_grad=True)
fit = torch.optim.SGD([w], lr=0.1)
for _ in range(8):
    fit.zero_grad()
    loss = (table @ w - target).square().mean()
    loss.backward()
    fit.step()
