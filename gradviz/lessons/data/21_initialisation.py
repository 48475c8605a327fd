# how large should the first weights be?
import torch

torch.manual_seed(2)

data = torch.randn(8, 16)
weights = [torch.randn(16, 16) / 4 for layer in range(5)]
b1 = torch.zeros(16, requires_grad=True)
b2 = torch.zeros(16, requires_grad=True)
b3 = torch.zeros(16, requires_grad=True)
b4 = torch.zeros(16, requires_grad=True)
b5 = torch.zeros(16, requires_grad=True)
biases = [b1, b2, b3, b4, b5]
levels = []

for scale in (0.3, 1.0, 6.0):
    h = torch.tanh(data @ (weights[0] * scale) + b1)
    for k in range(1, 5):
        h = torch.tanh(h @ (weights[k] * scale) + biases[k])
    (h * data).sum().backward()
    levels.append(b1.grad.norm() / b5.grad.norm())
    for bias in range(5):
        biases[bias].grad = None

small, middle, large = levels
print(f"{small:.3f} {middle:.3f} {large:.3f}")
