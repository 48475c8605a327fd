import torch
from torch import nn
import torch.nn.functional as F


class Cosine(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(b, a))

    def forward(self, x):
        self.weight = F.normalize(self.weight, dim=1)
        return F.linear(F.normalize(x, dim=1), self.weight)


torch.manual_seed(14)
layer = Cosine(4, 3)
print(layer(torch.randn(2, 4)))
