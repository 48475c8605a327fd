# detach, no_grad, .data, inference_mode: which one is dangerous?
import torch

torch.manual_seed(0)

x = torch.randn(2, requires_grad=True)

d = x.detach()
with torch.no_grad():
    n = x * 2
with torch.inference_mode():
    i = x * 2
print(d.requires_grad, n.requires_grad, i.requires_grad)
print(i.is_inference())

# .data writes behind autograd's back
h = x * 2
y = h * h
h.data.mul_(10)
y.sum().backward()
print(x.grad, 8 * x.detach())
