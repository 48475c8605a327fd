import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Linear(12, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(60, 5)
y = 3 * x[:, :1] + 4
for epoch in range(20):
    pred = torch.clamp(model(x), 0, 1)
    loss = nn.functional.mse_loss(pred, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(round(loss.item(), 2))
