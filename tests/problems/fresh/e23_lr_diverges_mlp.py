import torch
from torch import nn

torch.manual_seed(12)
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=5.0)
x = torch.randn(64, 3)
y = x.sum(1, keepdim=True)
for step in range(12):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    print(step, loss.isfinite().item())
