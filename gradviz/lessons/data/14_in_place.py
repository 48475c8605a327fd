# a saved value that is overwritten: versions notice
import torch

torch.manual_seed(0)

x = torch.randn(2, requires_grad=True)
h = x * 2
y = h * h
h.add_(1)
out = y.sum()

try:
    out.backward()
except RuntimeError as e:
    print("Error:", e)

# addition saves nothing, so it does not mind
w = torch.randn(2, requires_grad=True)
k = w * 2
z = k + 1
k.mul_(5)
z.sum().backward()
print(w.grad)
