import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
xyz = torch.randn(40, 3)
volume = xyz.prod(1, keepdim=True)
for i in range(5):
    side = net(xyz) ** (1 / 3)
    loss = (side - volume.abs() ** (1 / 3)).abs().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, loss.item())
