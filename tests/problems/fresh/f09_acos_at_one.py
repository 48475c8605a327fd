import torch

a = torch.tensor([1.0, 0.0], requires_grad=True)
b = torch.tensor([1.0, 0.0])
cosine = torch.dot(a, b) / (a.norm() * b.norm())
angle = torch.acos(cosine)
angle.backward()
print(a.grad)
