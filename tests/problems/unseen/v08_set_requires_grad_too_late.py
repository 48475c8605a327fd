import torch

w = torch.tensor([1.0, 2.0])
y = w * 3
w.requires_grad_()
loss = y.sum()
loss.backward()
