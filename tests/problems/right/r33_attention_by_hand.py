import torch
from torch import nn

torch.manual_seed(1)
B, T, H, D = 4, 6, 2, 8
q, k, v = (nn.Linear(H * D, H * D) for _ in range(3))
out = nn.Linear(H * D, H * D)
params = [p for m in (q, k, v, out) for p in m.parameters()]
opt = torch.optim.AdamW(params, lr=1e-3)
x, target = torch.randn(B, T, H * D), torch.randn(B, T, H * D)
for step in range(6):
    opt.zero_grad()
    split = lambda m: m(x).view(B, T, H, D).transpose(1, 2)
    scores = split(q) @ split(k).transpose(-2, -1) / D**0.5
    mixed = (torch.softmax(scores, dim=-1) @ split(v)).transpose(1, 2).reshape(B, T, H * D)
    loss = ((out(mixed) - target) ** 2).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()
