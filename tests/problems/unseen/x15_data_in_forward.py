import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
h = w.data * 3
loss = (h + b).pow(2).sum()
loss.backward()
print(w.grad, b.grad)
