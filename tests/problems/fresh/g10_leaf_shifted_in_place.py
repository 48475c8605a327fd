import torch

img = torch.rand(1, 3, requires_grad=True)
img -= img.mean()
out = (img**2).sum()
out.backward()
