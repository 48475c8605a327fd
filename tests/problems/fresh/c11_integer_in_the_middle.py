import torch
from torch import nn

torch.manual_seed(10)
scale = nn.Parameter(torch.tensor(2.5))
net = nn.Linear(3, 1)
opt = torch.optim.SGD([scale, *net.parameters()], lr=0.05)
x, y = torch.randn(12, 3), torch.randn(12, 1)
for _ in range(5):
    loss = (int(scale) * net(x) - y).abs().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
