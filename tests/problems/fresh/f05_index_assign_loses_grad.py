import torch

torch.manual_seed(4)
w = torch.randn(3, requires_grad=True)
x = torch.randn(5, 3)
scores = torch.zeros(5)
for i in range(5):
    scores[i] = (x[i] @ w).item()
loss = scores.pow(2).sum()
loss.backward()
