import torch

torch.manual_seed(16)
w = torch.randn(3, 4, requires_grad=True)
flat = w.t().view(12)
flat.sum().backward()
