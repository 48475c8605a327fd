import torch

a = torch.ones(2, requires_grad=True)
b = torch.ones(2, requires_grad=True)
loss = (a * 2).sum()
grads = torch.autograd.grad(loss, [a, b])
