import torch
from torch import nn

torch.manual_seed(15)
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1)).half()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
x = torch.randn(32, 8).half()
y = x[:, :1] * 2
for step in range(10):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
