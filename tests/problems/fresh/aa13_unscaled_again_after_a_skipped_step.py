import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
for step in range(6):
    x = torch.randn(32, 8) * (50 if step == 2 else 1)
    loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
    if norm > 100:
        print(f"WARNING: step {step} grad norm too large {norm}, skipping optimizer step")
        continue
    scaler.step(optimizer)
    scaler.update()
