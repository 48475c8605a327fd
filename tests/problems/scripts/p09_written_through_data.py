import torch

w = torch.tensor([2.0], requires_grad=True)
x = torch.tensor([1.0], requires_grad=True)
y = w * x
w.data.mul_(2)
y.backward()
print(x.grad)
