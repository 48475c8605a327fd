import torch

p = torch.tensor([0.5, 0.0, 1.0], requires_grad=True)
y = torch.tensor([1.0, 0.0, 1.0])
loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).sum()
loss.backward()
print(loss, p.grad)
