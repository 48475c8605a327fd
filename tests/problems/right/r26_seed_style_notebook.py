import torch

x = torch.randn(3, requires_grad=True)
y = x + 2
z = y * y * 3
print(z)
z = z.mean()
z.backward()
print(x.grad)

weights = torch.ones(4, requires_grad=True)
for epoch in range(3):
    model_output = (weights * 3).sum()
    model_output.backward()
    print(weights.grad)
    weights.grad.zero_()
