# twenty sigmoids in a row: the gradient fades
import torch

torch.manual_seed(0)

x = torch.randn(3, requires_grad=True)
h = torch.sigmoid(x)
for layer in range(19):
    h = torch.sigmoid(h)
out = h.sum()
out.backward()
print(x.grad)

z = torch.randn(3, requires_grad=True)
g = torch.tanh(z)
for layer in range(19):
    g = torch.tanh(g)
g.sum().backward()
print(z.grad)
