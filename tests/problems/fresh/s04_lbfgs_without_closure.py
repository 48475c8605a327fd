import torch

torch.manual_seed(0)
A = torch.randn(20, 3)
b = A @ torch.tensor([1.0, -2.0, 0.5])
x = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.LBFGS([x], lr=0.5)
for i in range(10):
    optimizer.zero_grad()
    residual = ((A @ x - b) ** 2).sum()
    residual.backward()
    optimizer.step()
    print(i, residual.item())
