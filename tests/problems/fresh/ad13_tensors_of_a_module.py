import torch
from torch import nn


class Affine(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale = torch.ones(d, requires_grad=True)
        self.shift = torch.zeros(d, requires_grad=True)

    def forward(self, x):
        return x * self.scale + self.shift


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = Affine(6)
        self.out = nn.Linear(6, 1)

    def forward(self, x):
        return self.out(self.affine(x))


torch.manual_seed(9)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.randn(30, 6)
y = x[:, :1] * 3 + 1
for epoch in range(6):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
