import torch

v = torch.zeros(3, requires_grad=True)
unit = v / v.norm()
loss = unit.sum()
loss.backward()
print(v.grad)
