# where a function has a corner, PyTorch picks a slope
import torch

torch.manual_seed(0)

x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
r = torch.relu(x)
r.sum().backward()
print(x.grad)

a = torch.tensor([-3.0, 0.0, 3.0], requires_grad=True)
a.abs().sum().backward()
print(a.grad)

t = torch.tensor([1.0, 5.0, 5.0], requires_grad=True)
top = t.max()
top.backward()
print(t.grad)
