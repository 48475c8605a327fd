# a line through nine points: two parameters, one valley of the loss
import torch

torch.manual_seed(0)

x = torch.linspace(-1, 1, 9)
y = 2 * x + 0.5 + 0.1 * torch.randn(9)

w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.3)

for epoch in range(12):
    line = w * x + b
    loss = ((line - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{epoch} {loss.item():.4f}")

print(w, b)
