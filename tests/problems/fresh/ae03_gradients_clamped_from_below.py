import torch
from torch import nn

torch.manual_seed(1)
x = torch.randn(40, 5)
y = x @ torch.tensor([1.0, -2.0, 0.5, 0.0, 3.0]) + 0.1 * torch.randn(40)
model = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for epoch in range(12):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x).squeeze(1), y)
    loss.backward()
    for p in model.parameters():
        p.grad.data.clamp_(-1)
    optimizer.step()
    print(epoch, loss.item())
