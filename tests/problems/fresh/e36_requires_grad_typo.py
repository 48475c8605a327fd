import torch

weights = torch.randn(4)
weights.require_grad = True
inputs = torch.randn(10, 4)
loss = (inputs @ weights).pow(2).mean()
loss.backward()
print(weights.grad)
