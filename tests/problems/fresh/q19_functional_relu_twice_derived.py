import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(1, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.l2(F.relu(self.l1(x)))


torch.manual_seed(0)
net = Net()
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    x = torch.rand(20, 1, requires_grad=True)
    u = net(x)
    du = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
    ddu = torch.autograd.grad(du.sum(), x, create_graph=True)[0]
    loss = (ddu + u).pow(2).mean() + (net(torch.zeros(1, 1)) - 1).pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
