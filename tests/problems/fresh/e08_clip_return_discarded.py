import torch

torch.manual_seed(5)
w = torch.randn(4, requires_grad=True)
x = torch.randn(10, 4) * 50
for _ in range(3):
    loss = (x @ w).pow(2).mean()
    loss.backward()
    w.grad.clamp(-1, 1)
    with torch.no_grad():
        w -= 1e-5 * w.grad
    w.grad.zero_()
print(w)
