import torch

torch.manual_seed(0)
w = torch.randn(3, 3, requires_grad=True)
h = torch.zeros(1, 3)
for batch in range(3):
    x = torch.randn(1, 3)
    h = torch.tanh(x + h @ w)
    loss = (h**2).sum()
    loss.backward()
