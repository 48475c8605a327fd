import torch

torch.manual_seed(0)
x = torch.randn(3, 2)
w = torch.randn(2, 2, requires_grad=True)
h = torch.sigmoid(x @ w)
torch.relu_(h)
h.sub_(0.5)
h.sum().backward()
