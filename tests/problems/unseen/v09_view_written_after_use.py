import torch

w = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
h = w * 2
first = h[:2]
loss = (h**2).sum()
first.zero_()
loss.backward()
