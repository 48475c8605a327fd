import torch
from torch import nn

torch.manual_seed(49)
model = nn.Linear(6, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
x, y = torch.randn(64, 6), torch.randn(64, 1)
k = 4
for epoch in range(3):
    for i in range(16):
        xb, yb = x[i * 4 : i * 4 + 4], y[i * 4 : i * 4 + 4]
        loss = nn.functional.mse_loss(model(xb), yb) / k
        loss.backward()
        opt.step()
        if (i + 1) % k == 0:
            opt.zero_grad()
    print(epoch, loss.item())
