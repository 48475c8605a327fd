import torch

torch.manual_seed(0)
x = torch.randn(32, 4)
y = x.abs().sum(dim=1, keepdim=True)
w1 = (torch.randn(4, 16) * 0.5).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16, 1) * 0.3).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)
lr = 0.01


def model(x):
    h = x @ w1 + b1
    h, _ = torch.max(h, 0)  # relu
    return h @ w2 + b2


for step in range(20):
    loss = (model(x) - y).pow(2).mean()
    for p in (w1, b1, w2, b2):
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in (w1, b1, w2, b2):
            p -= lr * p.grad
print(loss.item())
