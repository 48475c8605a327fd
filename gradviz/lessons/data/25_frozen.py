# a frozen weight that moves all the same
import torch

torch.manual_seed(0)
x = torch.rand(1) + 1

a = torch.ones(1, requires_grad=True)
b = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([a, b], lr=0.1)

(a * b * x).sum().backward()
optimizer.step()
print(a, b)

# freeze a: but its .grad is still there
a.requires_grad_(False)
(a * b * x).sum().backward()
optimizer.step()
print(a, b)

# now for good
a.grad = None
(a * b * x).sum().backward()
optimizer.step()
print(a, b)
