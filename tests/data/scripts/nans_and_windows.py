"""The places of extremes where numbers are infinite or none, and windows of all kinds."""

import torch
import torch.nn.functional as F

inf, nan = float("inf"), float("nan")
x = torch.tensor([[inf, nan, 1.0], [1.0, inf, nan], [-inf, nan, nan]], requires_grad=True)
print(x.argmax(1), x.argmin(1), x.argmax(), x.argmin(), x.argmax(0))
print(x.max(1), x.min(1), x.max(0))
p = torch.tensor([[[[inf, nan, 1.0, nan], [2.0, 3.0, nan, 0.0], [1.0, inf, inf, nan], [1.0, 2.0, 3.0, nan]]]], requires_grad=True)
for k in (2,):
    print(F.max_pool2d(p, k))
    print(F.max_pool2d(p, k, return_indices=True)[1])
print(F.max_pool2d(p, 3, 1, return_indices=True))
print(F.adaptive_max_pool2d(p, 2, return_indices=True))
F.max_pool2d(p, 2).sum().backward()
print(p.grad)
q = torch.tensor([[1.0, inf, nan, 2.0]], requires_grad=True)
print(F.max_pool1d(q, 2), F.max_pool1d(q, 3, 1, return_indices=True))
print(x.median(1), x.sort(1), x.topk(2, 1), x.any(), (x > 0).all(1), x.count_nonzero())
print(torch.bincount(torch.tensor([1, 1, 3])), torch.histc(torch.arange(5.0), 5))
a = torch.arange(24.0).reshape(2, 3, 4)
for d in range(3):
    print(a.max(d, keepdim=True)[1].shape, a.argmin(d, keepdim=True).shape, a.argmax(keepdim=True))
print(
    F.avg_pool2d(a[None], 2, 1),
    F.avg_pool2d(a[None], (2, 3), ceil_mode=True, padding=1, count_include_pad=False),
    F.avg_pool3d(a[None], 2),
    F.avg_pool2d(a[None], 2, divisor_override=3),
)
for f in (
    lambda v: F.avg_pool2d(v, 2),
    lambda v: F.avg_pool2d(v, 2, 1),
    lambda v: F.avg_pool2d(v, 3, 2, 1),
    lambda v: F.avg_pool2d(v, (1, 3)),
    lambda v: F.max_pool1d(v[0], 2),
    lambda v: F.max_pool1d(v[0], 3, dilation=1, padding=1),
    lambda v: F.adaptive_max_pool2d(v, (2, 3)),
    lambda v: F.adaptive_avg_pool2d(v, (2, 3)),
    lambda v: F.avg_pool1d(v[0], 2, count_include_pad=False),
):
    v = torch.arange(48.0).reshape(1, 2, 4, 6).sin().requires_grad_()
    w = torch.randn(1)
    o = f(v)
    (o * torch.arange(o.numel()).reshape(o.shape).float()).sum().backward()
    print(o, v.grad)
print(F.pad(a, (1, -1, 2, 0), value=-0.0), F.pad(a.long(), (1, 1), value=3), F.pad(a > 3, (1, 0)))
