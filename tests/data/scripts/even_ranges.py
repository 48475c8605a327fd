"""Numbers from one to another, to the last bit: what a sweep over learning rates is made of."""

import torch

for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
    for start, end, steps in ((-4, 0, 9), (-1.3, 0.7, 11), (2.5, -1.25, 6), (0.37, 1, 1), (0, 1, 0)):
        print(dtype, torch.linspace(start, end, steps, dtype=dtype).tolist())
        print(dtype, torch.logspace(start, end, steps, dtype=dtype).tolist())
for dtype in (torch.int64, torch.int32):
    print(torch.linspace(-3, 2, 51, dtype=dtype), torch.logspace(-1, 2, 23, dtype=dtype))
print(torch.logspace(0, 3, 5, base=-2.0), torch.logspace(0, 400, 5), torch.logspace(1, 2, 3, base=2.0, out=torch.empty(3)))
print(torch.linspace(1 + 1j, 2 - 1j, 4), torch.logspace(0, 1, 4, dtype=torch.complex64))
