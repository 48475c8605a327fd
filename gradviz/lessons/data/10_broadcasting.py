# broadcasting copies forward, so backward sums
import torch

torch.manual_seed(0)

x = torch.randn(4, 3)
b = torch.zeros(3, requires_grad=True)
y = x + b
out = (y * x).sum()

print(y.shape)
out.backward()
print(b.grad)
