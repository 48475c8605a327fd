import torch

torch.manual_seed(0)
x = torch.randn(8, 1)
y = 3 * x
w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for epoch in range(2):
    optimizer.zero_grad()
    for k in range(4):
        part = slice(2 * k, 2 * k + 2)
        loss = ((x[part] * w - y[part]) ** 2).mean()
        loss.backward()
    optimizer.step()
