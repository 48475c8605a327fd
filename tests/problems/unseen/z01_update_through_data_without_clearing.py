import torch

torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
for step in range(3):
    loss = (w**2).sum()
    loss.backward()
    w.data = w.data - 0.1 * w.grad
print(w.grad)
