import torch

torch.manual_seed(15)
x = torch.rand(50, 4) * 2
y = (x**2).sum(1, keepdim=True)
W1 = torch.nn.Parameter(torch.randn(4, 10) * 0.5)
b1 = torch.nn.Parameter(torch.zeros(10))
W2 = torch.nn.Parameter(torch.randn(10, 1) * 0.5)
b2 = torch.nn.Parameter(torch.zeros(1))
lr = 1.0
for t in range(12):
    h = torch.relu(x @ W1 + b1)
    pred = h @ W2 + b2
    loss = (pred - y).abs().mean()
    for p in (W1, b1, W2, b2):
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in (W1, b1, W2, b2):
            p -= lr * p.grad
    print(t, round(loss.item(), 2))
