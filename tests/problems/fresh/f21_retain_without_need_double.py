import torch

torch.manual_seed(17)
w = torch.randn(2, requires_grad=True)
x = torch.randn(6, 2)
for step in range(4):
    a = (x @ w).pow(2).mean()
    a.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    b = (x @ w - 1).pow(2).mean()
    b.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
