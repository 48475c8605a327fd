# XOR: a line cannot do it, a hidden layer can
import torch

torch.manual_seed(0)

x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])

w = torch.randn(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
line = torch.optim.Adam([w, b], lr=0.1)
for epoch in range(58):
    guess = x @ w + b
    flat = ((guess - y) ** 2).mean()
    line.zero_grad()
    flat.backward()
    line.step()
print(f"a line: {flat.item():.3f}")

w1 = torch.randn(2, 6, requires_grad=True)
b1 = torch.zeros(6, requires_grad=True)
w2 = torch.randn(6, 1, requires_grad=True)
b2 = torch.zeros(1, requires_grad=True)
hidden = torch.optim.Adam([w1, b1, w2, b2], lr=0.1)
for epoch in range(60):
    h = torch.tanh(x @ w1 + b1)
    answer = h @ w2 + b2
    loss = ((answer - y) ** 2).mean()
    hidden.zero_grad()
    loss.backward()
    hidden.step()
print(f"a hidden layer: {loss.item():.3f}")
