import torch
from torch import nn

torch.manual_seed(0)


def shuffled(x, y):
    x = x[torch.randperm(len(x))]
    y = y[torch.randperm(len(y))]
    return x, y


X = torch.randn(120, 4)
Y = (X[:, 0] + X[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(8):
    xs, ys = shuffled(X, Y)
    for xb, yb in zip(xs.split(30), ys.split(30)):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
