import torch
from torch import nn

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
for name, p in net.named_parameters():
    if name.endswith("weight"):
        p.data = torch.ones_like(p) * 0.05
    else:
        p.data.fill_(0.01)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(40, 4)
y = x[:, :1] * x[:, 1:2]
for epoch in range(6):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
