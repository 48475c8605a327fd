import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(6, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
x, y = torch.randn(32, 6), torch.randint(0, 2, (32,))
STEPS = 4
for i, (a, b) in enumerate(zip(x.split(4), y.split(4))):
    loss = nn.functional.cross_entropy(model(a), b) / STEPS
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if (i + 1) % STEPS == 0:
        scaler.step(opt)
        scaler.update()
        opt.zero_grad()
