# SVM by hand, y in {0,1}
import torch

torch.manual_seed(0)
X = torch.randn(50, 3)
y = (X[:, 0] > 0).float()
w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for _ in range(10):
    margin = y * (X @ w + b)
    loss = torch.relu(1.0 - margin).mean() + 0.01 * w.dot(w)
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
            p.grad = None
