import torch
from torch import nn

torch.manual_seed(2)
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=5.0)
x = torch.randn(60, 6)
y = x[:, :1] - x[:, 1:2]
for epoch in range(40):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
print(round(loss.item(), 2))
