import torch
from torch import nn

torch.manual_seed(10)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(6, 2), torch.randn(6, 1)


def evaluate():
    torch.set_grad_enabled(False)
    return (net(x) - y).abs().mean().item()


for epoch in range(3):
    opt.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
    print(epoch, round(evaluate(), 3))
