import torch

w = torch.zeros(3, requires_grad=True)


def normalize(grad):
    return grad / grad.norm()


h = w * 2
h.register_hook(normalize)
loss = (h**2).sum()
loss.backward()
print(w.grad)
