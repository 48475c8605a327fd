import torch

torch.manual_seed(0)
x = torch.randn(16, 3) * 500
y = (x[:, 0] > 0).float()
w = torch.randn(3, 1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for epoch in range(4):
    optimizer.zero_grad()
    p = torch.sigmoid(x @ w)
    loss = ((p.squeeze(1) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
