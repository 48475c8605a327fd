import torch
from torch import nn

torch.manual_seed(11)
net = nn.Linear(6, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
a, p = torch.randn(20, 6), torch.randn(20, 6)
for epoch in range(6):
    n = a[torch.randperm(20)]
    d_pos = (net(a) - net(p)).pow(2).sum(1)
    d_neg = (net(a) - net(n)).pow(2).sum(1)
    loss = torch.clamp(d_pos - d_neg - 100.0, min=0).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
