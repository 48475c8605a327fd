# requires_grad=True makes PyTorch remember what is done with a tensor
import torch

torch.manual_seed(0)

x = torch.randn(3, requires_grad=True)
c = torch.randn(3)

y = x + 2
k = c + 2
z = y * k

print(x.requires_grad, c.requires_grad)
print(y.requires_grad, k.requires_grad, z.requires_grad)

z.mean().backward()
print(x.grad)
print(c.grad)
