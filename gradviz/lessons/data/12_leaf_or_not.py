# .grad is kept by leaves; results pass it through
import torch

torch.manual_seed(0)

x = torch.randn(2, requires_grad=True)
h = x * 3
k = h + 1
k.retain_grad()
out = (k**2).sum()

out.backward()
print(x.grad)
print(k.grad)
print(x.is_leaf, h.is_leaf, k.is_leaf)
