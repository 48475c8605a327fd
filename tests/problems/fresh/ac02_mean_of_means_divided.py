import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(20, 4)
y = torch.stack([x[:, 0] * 2, x[:, 1] - x[:, 2]], 1)
for epoch in range(8):
    optimizer.zero_grad()
    predicted = model(x)
    losses = []
    for p, t in zip(predicted, y):
        losses.append(F.mse_loss(p, t))
    loss = torch.stack(losses).mean()
    loss = loss * (1 / x.size(0))
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
