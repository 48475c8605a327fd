import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)

    def forward(self, x):
        gate = torch.sigmoid(self.lin(x))
        gate += x
        return gate * x


block = Block()
out = block(torch.randn(2, 3))
out.sum().backward()
