# too large, right, too small
import torch

torch.manual_seed(0)
start = torch.rand(1) + 1

wild = start.clone().requires_grad_()
opt = torch.optim.SGD([wild], lr=1.1)
for step in range(8):
    opt.zero_grad()
    (wild**2).sum().backward()
    opt.step()

right = start.clone().requires_grad_()
opt = torch.optim.SGD([right], lr=0.3)
for step in range(8):
    opt.zero_grad()
    (right**2).sum().backward()
    opt.step()

slow = start.clone().requires_grad_()
opt = torch.optim.SGD([slow], lr=0.02)
for step in range(8):
    opt.zero_grad()
    (slow**2).sum().backward()
    opt.step()

print(f"{slow.item():.4f} {right.item():.4f} {wild.item():.4f}")
