"""Gradients that start from zeros, by hand; the slope falls at the speed of both parameters together."""

import torch

torch.manual_seed(3)
x = torch.linspace(-1, 1, 32)
y = 2 * x + 1
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(20):
    zeros = torch.zeros(1)
    w.grad = zeros
    b.grad = zeros
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
print(loss.item())
