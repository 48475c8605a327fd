import torch

norms = []
x = torch.tensor([1.0, 2.0], requires_grad=True)
h = (x * 3).tanh()
h.retain_grad()
h.register_hook(lambda g: norms.append(g.norm().item()))
x.register_hook(lambda g: g.clamp(-1, 1))
y = h.sum()
y.backward()
print(h.grad, x.grad, norms)
