import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)

    def forward(self, x):
        h = torch.sigmoid(self.fc1(x))
        gate = self.fc2(h)
        h *= gate
        return h + x


torch.manual_seed(12)
net = nn.Sequential(*[Block(6) for _ in range(3)], nn.Linear(6, 2))
x = torch.randn(8, 6)
net(x).logsumexp(dim=1).sum().backward()
print(net[0].fc1.weight.grad.norm())
