import torch

w = torch.ones(1, requires_grad=True)
history = []
for epoch in range(3):
    (3 * w).sum().backward()
    history.append(w.grad)
print(history)
