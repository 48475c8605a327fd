import torch

torch.manual_seed(7)
w = torch.randn(2, 2, requires_grad=True)
state = torch.ones(2)
cache = []
for step in range(3):
    state = torch.tanh(w @ state)
    cache.append(state)
    loss = torch.stack(cache).pow(2).sum()
    loss.backward()
    w.grad = None
