import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(8)
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
scaler = torch.amp.GradScaler("cpu")
x = torch.randn(96, 4)
y = (x[:, 0] > 0).long()


def run_epoch():
    total = 0.0
    for xb, yb in zip(x.split(32), y.split(32)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        total += loss.item()
    return total


for epoch in range(3):
    print(epoch, run_epoch())
