import torch

w = torch.empty(3, 3, requires_grad=True)
w.uniform_(-0.1, 0.1)
(w**2).sum().backward()
