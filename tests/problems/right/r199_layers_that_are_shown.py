import torch
from torch import nn

torch.manual_seed(0)
pictures = torch.rand(1, 4, 4) * 20 + 5
print(pictures.mean())
norm = nn.BatchNorm1d(4)
normed = norm(pictures)
print(normed, normed.mean().abs() < 1e-5)
print(nn.MaxPool1d(2)(normed))
