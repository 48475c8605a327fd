"""torch.nn.grad and torch.testing.make_tensor: a hand-written backward of a convolution beside the one of autograd."""

import torch
import torch.nn.functional as F
from torch.nn import grad
from torch.testing import assert_close, make_tensor

torch.manual_seed(0)
for n, size in ((1, (2, 4, 9)), (2, (2, 4, 7, 6)), (3, (1, 2, 5, 5, 4))):
    for stride, padding, dilation, groups in ((1, 0, 1, 1), (2, 1, 2, 2), (1, (1,) * n, 1, 2)):
        x = make_tensor(size, dtype=torch.float64, device="cpu", low=-1, high=1, requires_grad=True)
        w = make_tensor((4, size[1] // groups, *[3] * n), dtype=torch.float64, device="cpu", low=-1, high=1, requires_grad=True)
        y = getattr(F, f"conv{n}d")(x, w, None, stride, padding, dilation, groups)
        g = make_tensor(y.shape, dtype=torch.float64, device="cpu", requires_grad=True)
        of_input = getattr(grad, f"conv{n}d_input")(x.shape, w, g, stride, padding, dilation, groups)
        of_weight = getattr(grad, f"conv{n}d_weight")(x, w.shape, g, stride, padding, dilation, groups)
        for mine, theirs in zip((of_input, of_weight), torch.autograd.grad(y, (x, w), g)):
            assert_close(mine.detach(), theirs)
        print(n, of_input.grad_fn.name(), of_weight.grad_fn.name(), round(of_weight.sum().item(), 3))
        print([round(v.sum().item(), 3) for v in torch.autograd.grad((of_input**2).sum() + (of_weight**2).sum(), (x, w, g))])

print(F.grad is grad)
for size in ((2, 4, 4, 5), (2, 3, 5, 5)):
    try:
        grad.conv2d_input((2, 4, 7, 7), torch.ones(4, 4, 3, 3), torch.ones(size))
    except RuntimeError as refused:
        print(refused)
try:
    F.conv1d(torch.ones(1, 3, 4), torch.ones(3, 3, 3, 3))
except RuntimeError as refused:
    print(refused)

for dtype in (torch.float32, torch.float16, torch.int64, torch.uint8, torch.bool, torch.complex64):
    print(make_tensor((2, 3), dtype=dtype, device="cpu"), make_tensor(2, dtype=dtype, device="cpu", low=0, high=2, exclude_zero=True))
print(make_tensor((2, 3), dtype=torch.float32, device="cpu", noncontiguous=True).stride())
print(make_tensor(3, dtype=torch.float64, device="cpu", low=-float("inf")).isfinite().all())
for asked in (
    dict(low=5, high=2),
    dict(low=float("nan")),
    dict(low=300, high=400, dtype=torch.uint8),
    dict(dtype=torch.int64, requires_grad=True),
):
    try:
        make_tensor(2, **{"dtype": torch.float32, "device": "cpu", **asked})
    except ValueError as refused:
        print(refused)
