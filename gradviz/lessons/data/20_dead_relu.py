# a bias that kills: relu units that never fire do not learn
import torch

torch.manual_seed(0)

x = torch.randn(6, 4)
w = torch.randn(4, 8) * 0.5
w.requires_grad_()
b = torch.tensor([0.0, -9.0, 0.0, -9.0, -9.0, 0.0, 0.0, -9.0], requires_grad=True)

s = x @ w + b
h = torch.relu(s)
loss = (h**2).sum()
loss.backward()
print(b.grad)
print(h.detach().max(0).values)
