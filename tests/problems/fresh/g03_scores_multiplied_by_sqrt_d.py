import torch

torch.manual_seed(2)
d = 64
q = torch.randn(10, d, requires_grad=True)
k = torch.randn(10, d)
v = torch.randn(10, d)
scores = q @ k.T * d**0.5
att = torch.softmax(scores, dim=-1)
out = (att @ v).pow(2).mean()
out.backward()
print(q.grad.norm())
