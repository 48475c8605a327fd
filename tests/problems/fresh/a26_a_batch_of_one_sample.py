import torch
from torch import nn

torch.manual_seed(24)
inputs = torch.randn(60, 4)
targets = inputs.abs().sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(4, 20), nn.ReLU(), nn.Linear(20, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.01)
for i in range(10):
    chosen = torch.randperm(60)[:8]
    xb = torch.stack([inputs[i] for j in chosen])
    yb = torch.stack([targets[i] for j in chosen])
    loss = nn.functional.mse_loss(model(xb), yb)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, round(loss.item(), 2))
