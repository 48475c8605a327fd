# backward() fills .grad of the leaves: the chain rule, node by node
import torch

torch.manual_seed(0)

x = torch.randn(3, requires_grad=True)
y = x + 2
z = y * y * 2
m = z.mean()

m.backward()
print(x.grad)
