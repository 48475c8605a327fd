# the same with other numbers
import torch

torch.manual_seed(0)
n = torch.randint(1, 5, (1,)).item()

x = torch.tensor([0.0, float(n * n)], requires_grad=True)
root = torch.sqrt(x)
y = torch.where(x > 0, root, torch.zeros(2))
y.sum().backward()
print(y, x.grad)

w = torch.tensor([0.0, float(n * n)], requires_grad=True)
safe = torch.where(w > 0, w, torch.ones(2))
z = torch.where(w > 0, torch.sqrt(safe), torch.zeros(2))
z.sum().backward()
print(z, w.grad)
