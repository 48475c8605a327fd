import torch

torch.manual_seed(0)
x = torch.rand(8, 2)
w = torch.randn(2, 4, requires_grad=True)
b = torch.full((4,), -9.0, requires_grad=True)
for epoch in range(4):
    h = torch.relu(x @ w + b)
    loss = ((h.sum(1) - 1) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.grad = None
    b.grad = None
