import torch
from torch import nn

torch.manual_seed(1)
model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
x = torch.randn(40, 3)
y = x.pow(2).sum(1, keepdim=True)
with torch.no_grad():
    baseline = model(x)
for epoch in range(15):
    optimizer.zero_grad()
    y_hat = model(x)
    loss = nn.functional.mse_loss(y_hat, baseline)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
