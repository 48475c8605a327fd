# the branch that is not taken can still make nan
import torch

torch.manual_seed(0)

x = torch.tensor([0.0, 4.0], requires_grad=True)
root = torch.sqrt(x)
y = torch.where(x > 0, root, torch.zeros(2))
y.sum().backward()
print(y, x.grad)

# twice where: the untaken branch gets a harmless number
w = torch.tensor([0.0, 4.0], requires_grad=True)
safe = torch.where(w > 0, w, torch.ones(2))
z = torch.where(w > 0, torch.sqrt(safe), torch.zeros(2))
z.sum().backward()
print(z, w.grad)
