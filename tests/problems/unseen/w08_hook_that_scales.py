import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w * 3
h.register_hook(lambda g: g * 0)
loss = (h**2).sum()
loss.backward()
print(w.grad)
