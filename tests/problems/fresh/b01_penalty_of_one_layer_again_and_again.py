import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.01)
x, y = torch.randn(30, 6), torch.randn(30, 1)
for epoch in range(6):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    for name, p in model.named_parameters():
        loss = nn.functional.mse_loss(model(x), y) + 1e-3 * p.pow(2).sum()
    loss.backward()
    opt.step()
    print(epoch, round(loss.item(), 2))
