import torch
from torch import nn

torch.manual_seed(28)
net = nn.Linear(4, 2)
w = nn.Parameter(torch.ones(2))
opt = torch.optim.Adam([{"params": net.parameters()}, {"params": [w], "lr": 0.3}], lr=1e-2)
x, y = torch.randn(30, 4), torch.randn(30, 2)
for step in range(30):
    out = net(x)
    first = (out[:, 0] - y[:, 0]).square().mean()
    second = (out[:, 1] - y[:, 1]).square().mean()
    loss = w[0] * first + w[1] * second
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, round(loss.item(), 2))
