import torch

torch.manual_seed(6)
w = torch.randn(4, 1, requires_grad=True)
x = torch.randn(10, 4)
mask = (x[:, :1] > 100).float()
loss = ((x @ w) * mask).pow(2).sum()
loss.backward()
print(w.grad)
