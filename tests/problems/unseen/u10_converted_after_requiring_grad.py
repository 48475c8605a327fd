import torch

w = torch.ones(3, requires_grad=True).double()
x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
loss = ((w * x).sum() - 1) ** 2
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
