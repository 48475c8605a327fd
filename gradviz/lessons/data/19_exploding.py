# the same weight at every step: a power, and gradients explode
import torch

torch.manual_seed(0)

x = torch.rand(1) + 0.5
x.requires_grad_()
w = torch.tensor([1.6], requires_grad=True)
h = x * w
for t in range(24):
    h = h * w
h.backward()
print(x.grad, w.grad)

total = torch.nn.utils.clip_grad_norm_([x, w], 1.0)
print(total)
print(x.grad, w.grad)
