import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
y = w.exp()
z = y * y
y += 1
z.sum().backward()
