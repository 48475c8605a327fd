import torch

torch.manual_seed(24)
X, y = torch.randn(30, 4), torch.randn(30)
w = torch.zeros(4, requires_grad=True)
m, v = torch.zeros(4), torch.zeros(4)
for t in range(1, 21):
    loss = (X @ w - y).square().mean()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        m = 0.9 * m + 0.1 * w.grad
        v = 0.999 * v + 0.001 * w.grad**2
        w -= 0.05 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
print(loss.item())
