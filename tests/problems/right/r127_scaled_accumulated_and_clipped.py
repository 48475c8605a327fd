# micro-batches under a scaler: unscaled and clipped once for each step, and steps that are skipped with their update
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 3))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
scaler = torch.amp.GradScaler("cpu", init_scale=16.0)
x, y = torch.randn(96, 8), torch.randint(0, 3, (96,))
every = 3
for epoch in range(3):
    for i, (a, b) in enumerate(zip(x.split(16), y.split(16))):
        loss = nn.functional.cross_entropy(net(a), b) / every
        scaler.scale(loss).backward()
        if (i + 1) % every == 0:
            scaler.unscale_(opt)
            norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            if norm < 100:
                scaler.step(opt)
            scaler.update()
            opt.zero_grad()
