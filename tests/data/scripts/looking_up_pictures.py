"""grid_sample in all its modes: one node, its gradients, those of the gradients, and the places at the border, which do not move."""

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def told(*tensors):
    return [None if t is None else round((t.double() * torch.arange(t.numel()).reshape(t.shape)).sum().item(), 2) + 0.0 for t in tensors]


for size in ((4, 5), (3, 4, 2)):
    n = len(size)
    picture = torch.randn(2, 3, *size, dtype=torch.float64, requires_grad=True)
    grid = (torch.randn(2, *(3, 2, 2)[:n], n, dtype=torch.float64) * 0.8).requires_grad_()
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for align in (True, False):
                try:
                    seen = F.grid_sample(picture, grid, mode, padding, align)
                except RuntimeError as refused:
                    print(str(refused)[:90])
                    continue
                up = torch.ones_like(seen, requires_grad=True)
                first = torch.autograd.grad(seen, (picture, grid), up, create_graph=True)
                print(mode, padding, align, seen.grad_fn.name(), first[0].grad_fn.name(), told(seen, *first))
                mixed = sum((t * torch.arange(t.numel()).reshape(t.shape).sin()).sum() for t in first)
                print(told(*torch.autograd.grad(mixed, (picture, grid, up), allow_unused=True)))

corners = torch.tensor([[[[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0], [3.0, -3.0]]]], requires_grad=True)
for padding in ("zeros", "border", "reflection"):
    for align in (True, False):
        numbers = torch.arange(12.0).reshape(1, 1, 3, 4).requires_grad_()
        seen = F.grid_sample(numbers, corners, "bilinear", padding, align)
        print(seen, [t + 0.0 for t in torch.autograd.grad(seen.sum(), (numbers, corners))])

theta = torch.tensor([[[0.7, 0.2, 0.1], [-0.3, 0.9, 0.0]]], requires_grad=True)
picture = torch.rand(1, 1, 5, 5)
F.grid_sample(picture, F.affine_grid(theta, [1, 1, 4, 4], align_corners=False), align_corners=False).square().sum().backward()
print(theta.grad)
seen = F.grid_sample(picture, corners, align_corners=True)
print([name for name in dir(seen.grad_fn) if name.startswith("_saved")], len(seen.grad_fn.next_functions))
