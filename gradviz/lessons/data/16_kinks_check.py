# the same corners with other numbers
import torch

torch.manual_seed(0)
s = torch.randint(-1, 2, (3,)).float()
n = torch.randint(2, 5, (1,)).item()

x = (s * 2).requires_grad_()
r = torch.relu(x)
r.sum().backward()
print(x.grad)

t = torch.full((n,), 5.0).requires_grad_()
top = t.max()
top.backward()
print(t.grad)
