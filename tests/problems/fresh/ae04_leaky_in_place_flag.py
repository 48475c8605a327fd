import torch
from torch import nn


def block(a, b):
    return nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), nn.LeakyReLU(True))


torch.manual_seed(5)
net = nn.Sequential(block(4, 16), block(16, 16), nn.Linear(16, 2))
x = torch.randn(60, 4)
y = (x[:, 0] * x[:, 1] > 0).long()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(8):
    for i in range(0, 60, 20):
        loss = nn.functional.cross_entropy(net(x[i : i + 20]), y[i : i + 20])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
