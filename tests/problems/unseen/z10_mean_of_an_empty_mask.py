import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
mask = w > 5
loss = w[mask].mean()
loss.backward()
print(loss, w.grad)
