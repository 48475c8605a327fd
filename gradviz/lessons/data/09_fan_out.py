# a value that is used twice gets the sum of two gradients
import torch

torch.manual_seed(0)

x = torch.randn(2, requires_grad=True)
h = x * 2
left = h * 3
right = h**2
out = (left + right).sum()

out.backward()
print(x.grad)
