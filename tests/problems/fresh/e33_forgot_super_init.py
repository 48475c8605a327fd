import torch
from torch import nn


class Tiny(nn.Module):
    def __init__(self, width):
        self.layer = nn.Linear(width, 1)

    def forward(self, x):
        return self.layer(x)


model = Tiny(3)
print(model(torch.ones(1, 3)))
