import torch
from torch import nn

torch.manual_seed(0)
a = torch.full((2, 4), 0.5, requires_grad=True)
b = torch.full((4, 1), 0.5, requires_grad=True)
x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
opt = torch.optim.SGD([a, b], lr=0.5)
for epoch in range(10):
    opt.zero_grad()
    loss = ((torch.tanh(x @ a) @ b - y) ** 2).mean()
    loss.backward()
    opt.step()
print(a)
