import torch

x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
y = x.max()
y.backward()
print(x.grad)
