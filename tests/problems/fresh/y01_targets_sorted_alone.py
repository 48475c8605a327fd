import torch
from torch import nn

torch.manual_seed(0)
x = torch.rand(80, 1) * 6
y = torch.sin(x) + 0.1 * torch.randn(80, 1)
y, _ = y.sort(dim=0)
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(6):
    for part in torch.randperm(80).split(20):
        loss = nn.functional.mse_loss(net(x[part]), y[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
