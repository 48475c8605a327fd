import torch
from torch import nn

torch.manual_seed(1)
net = nn.Linear(3, 1)
loss_fn = nn.BCEWithLogitsLoss()
x, y = torch.randn(8, 3), torch.randint(0, 2, (8,)).float()
loss = loss_fn(net(x), y)
loss.backward()
