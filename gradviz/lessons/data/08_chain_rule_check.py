# the same chain from another x
import torch

torch.manual_seed(0)
n = torch.randint(1, 6, (1,)).item()

x = torch.tensor(float(n), requires_grad=True)
a = 3 * x
b = a**2
c = b + 1
d = c * 0.5

d.backward()
print(x.grad)
