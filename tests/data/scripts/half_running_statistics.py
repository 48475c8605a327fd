"""Running statistics of layers in half precision: of float16 the sum is rounded once, of bfloat16 each number on the way."""

import torch

for dtype in (torch.float16, torch.bfloat16):
    for seed in range(8):
        torch.manual_seed(seed)
        flat, picture = torch.nn.BatchNorm1d(6).to(dtype), torch.nn.BatchNorm2d(3, momentum=None).to(dtype)
        for _ in range(3):
            flat(torch.randn(9, 6).to(dtype))
            picture(torch.randn(4, 3, 2, 2).to(dtype))
        print(flat.running_mean, picture.running_mean)
        if dtype is torch.float16:
            print(flat.running_var, picture.running_var)
