import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(13)
x = torch.randn(100, 4)
y = 500 + 100 * x[:, :1] + 20 * torch.randn(100, 1)
mean, std = y.mean(), y.std()
train = DataLoader(TensorDataset(x[:80], (y[:80] - mean) / std), batch_size=20, shuffle=True)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(10):
    for xb, yb in train:
        loss = nn.functional.mse_loss(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(x[80:]), y[80:])
    model.train()
    print(epoch, round(loss.item(), 2), val.item() > 1e5)
