"""Attention whose heads are as many as make two sizes change places inside, and whose line asks for a shape."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(2, 3, 4)
attention = nn.MultiheadAttention(4, 2, batch_first=True)
out, weights = attention(x, x, x, average_attn_weights=False)
print("out", out.shape, "weights", attention(x, x, x)[1].shape)
(out**2).mean().backward()
print(weights.sum(dim=-1))
