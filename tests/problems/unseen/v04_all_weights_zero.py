import torch

w1 = torch.zeros(2, 3, requires_grad=True)
w2 = torch.zeros(3, 1, requires_grad=True)
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
y = torch.tensor([[1.0], [2.0]])
for epoch in range(3):
    h = torch.tanh(x @ w1)
    loss = ((h @ w2 - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for w in (w1, w2):
            w -= 0.1 * w.grad
            w.grad = None
