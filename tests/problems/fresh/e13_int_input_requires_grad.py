import torch

counts = torch.tensor([1, 2, 3], requires_grad=True)
total = (counts * 2.0).sum()
total.backward()
print(counts.grad)
