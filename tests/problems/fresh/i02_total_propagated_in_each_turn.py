import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(40, 4), torch.randint(0, 2, (40,))
total = 0
for i in range(10):
    loss = nn.functional.cross_entropy(net(x), y)
    total = total + loss
    opt.zero_grad()
    total.backward(retain_graph=True)
    opt.step()
