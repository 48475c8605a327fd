import torch

x = torch.zeros(2, requires_grad=True)
length = (x**2).sum().sqrt()
length.backward()
print(x.grad)
