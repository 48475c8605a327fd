import torch
from torch import nn

torch.manual_seed(12)
cell = nn.RNNCell(3, 8)
head = nn.Linear(8, 1)
for p in cell.parameters():
    p.requires_grad_(True)
params = [*cell.parameters(), *head.parameters()]
x = torch.randn(10, 4, 3)
y = torch.randn(10, 4, 1)
h = torch.zeros(4, 8)
grads = []
for t in range(10):
    h = cell(x[t], h)
    loss = nn.functional.mse_loss(head(h), y[t])
    for p in params:
        p.grad = None
    loss.backward(retain_graph=True)
    grads.append(sum(p.grad.norm().item() for p in params))
    print(t, loss.item())
