import copy
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class ResidualMLP(nn.Module):
    def __init__(self, inputs, width, classes, depth=3):
        super().__init__()
        self.stem = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width)) for _ in range(depth)
        )
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + self.drop(block(x))
        return self.head(x)


class EMA:
    def __init__(self, model, decay):
        self.decay = decay
        self.model = copy.deepcopy(model).eval()
        for p in self.model.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for mine, theirs in zip(self.model.parameters(), model.parameters()):
            mine.lerp_(theirs, 1 - self.decay)


def spirals(n):
    radius = torch.rand(n)
    label = torch.randint(0, 3, (n,))
    angle = radius * 5 + label * (2 * math.pi / 3)
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    return points + 0.02 * torch.randn(n, 2), label


train_x, train_y = spirals(120)
val_x, val_y = spirals(60)
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=24, shuffle=True, drop_last=True)
epochs = 4
total = epochs * len(loader)
model = ResidualMLP(2, 24, 3)
ema = EMA(model, 0.9)
decayed = [p for p in model.parameters() if p.ndim > 1]
plain = [p for p in model.parameters() if p.ndim <= 1]
optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=5e-3)


def rate(step):
    if step < 4:
        return (step + 1) / 4
    return 0.5 * (1 + math.cos(math.pi * (step - 4) / (total - 4)))


scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
for epoch in range(epochs):
    model.train()
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(xb), yb, label_smoothing=0.05)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        ema.update(model)
        running += loss.item() * len(xb)
    model.eval()
    with torch.no_grad():
        val = F.cross_entropy(model(val_x), val_y).item()
        avg = (ema.model(val_x).argmax(1) == val_y).float().mean().item()
    print(f"{epoch} {running / 120:.4f} {val:.4f} {avg:.3f} {scheduler.get_last_lr()[0]:.5f}")
