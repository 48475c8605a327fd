# three ways to stop the history
import torch

torch.manual_seed(2)

a = torch.randn(3, requires_grad=True)
a.requires_grad_(False)
p = a * 2

b = torch.randn(3, requires_grad=True)
d = b.detach()
q = d * 2

c = torch.randn(3, requires_grad=True)
with torch.no_grad():
    r = c * 2

print(p.requires_grad, q.requires_grad, r.requires_grad)
print(a.requires_grad, b.requires_grad, c.requires_grad)

# detach shares the numbers
d[0] = 10.0
print(b)
s = b + 1
print(s)
