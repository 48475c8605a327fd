# a result with several elements needs a vector for backward()
import torch

torch.manual_seed(1)

x = torch.randn(3, requires_grad=True)
y = x + 2
z = y * y * 2

try:
    z.backward()
except RuntimeError as e:
    print("Error:", e)

v = torch.tensor([0.1, 1.0, 0.001])
z.backward(v)
print(x.grad)

# the same numbers, through a mean
w = x.detach().clone().requires_grad_()
((w + 2) * (w + 2) * 2).mean().backward()
print(w.grad)
