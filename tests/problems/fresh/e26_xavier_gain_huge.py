import torch
from torch import nn

torch.manual_seed(15)
net = nn.Sequential(nn.Linear(5, 10), nn.Tanh(), nn.Linear(10, 1))
for m in net:
    if isinstance(m, nn.Linear):
        nn.init.normal_(m.weight, std=100.0)
x, y = torch.randn(30, 5), torch.randn(30, 1)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
