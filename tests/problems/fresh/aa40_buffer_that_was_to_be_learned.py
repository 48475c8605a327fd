import torch
from torch import nn


class Swish(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("beta", torch.ones(1))

    def forward(self, x):
        return x * torch.sigmoid(self.beta * x)


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 16), Swish(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(40, 5)
y = x.relu().sum(1, keepdim=True)
for epoch in range(5):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    print(epoch, loss.item(), net[1].beta.item(), net[1].beta.grad)
