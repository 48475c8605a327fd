import torch

torch.manual_seed(0)
x = torch.randn(4, 1)
target = torch.randn(4)
w = torch.zeros(1, 1, requires_grad=True)
prediction = x @ w
loss = ((prediction - target) ** 2).mean()
loss.backward()
