import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
optim = torch.optim.SGD(model.parameters(), lr=0.01)
x, y, vx, vy = torch.randn(32, 4), torch.randn(32, 1), torch.randn(8, 4), torch.randn(8, 1)
losses = []
for epoch in range(5):
    optim.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optim.step()
    validation = nn.functional.mse_loss(model(vx), vy)
    losses.append(validation)
print(len(losses))
