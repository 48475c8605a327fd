# the chain rule, one number at a time
import torch

x = torch.tensor(2.0, requires_grad=True)
a = 3 * x
b = a**2
c = b + 1
d = c * 0.5

d.backward()
print(x.grad)
