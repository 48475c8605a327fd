import torch

count = torch.tensor([2.0, 0.0])
total = torch.tensor([3.0, 0.0], requires_grad=True)
mean = total / count
loss = mean.sum()
loss.backward()
print(total.grad)
