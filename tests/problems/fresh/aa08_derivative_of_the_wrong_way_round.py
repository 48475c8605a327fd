import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.rand(40, 12, requires_grad=True)
A = nn.Sequential(nn.Linear(12, 20), nn.Tanh(), nn.Linear(20, 1))
y = A(x)
(g,) = torch.autograd.grad(inputs=x, outputs=y, grad_outputs=torch.ones_like(y), create_graph=True)
(g2,) = torch.autograd.grad(inputs=g, outputs=y, grad_outputs=torch.ones_like(y))
residual = (g2.sum(1) + y.squeeze(1)).pow(2).mean()
residual.backward()
print(A[0].weight.grad.norm())
