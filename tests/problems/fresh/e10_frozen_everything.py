import torch
from torch import nn

body = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
head = nn.Linear(4, 2)
model = nn.Sequential(body, head)
for p in model.parameters():
    p.requires_grad = False
opt = torch.optim.SGD(head.parameters(), lr=0.1)
x, y = torch.randn(6, 4), torch.tensor([0, 1, 0, 1, 1, 0])
loss = nn.functional.cross_entropy(model(x), y)
loss.backward()
opt.step()
