import torch
from torch import nn

torch.manual_seed(191)
x = torch.randn(96, 5)
y = x.sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
warmup, decay_every, k, step = 8, 20, 4, 0
for epoch in range(3):
    optimizer.zero_grad()
    for i in range(24):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * min(1.0, (step + 1) / warmup) * 0.5 ** (step // decay_every)
        loss = nn.functional.mse_loss(model(x[4 * i : 4 * i + 4]), y[4 * i : 4 * i + 4]) / k
        loss.backward()
        if (i + 1) % k == 0:
            optimizer.step()
            optimizer.zero_grad()
            step += 1
        if i % 8:
            continue
        print(epoch, i, loss.item())
    with torch.no_grad():
        print(nn.functional.mse_loss(model(x), y).item())


@torch.no_grad()
def evaluate():
    return nn.functional.mse_loss(model(x), y).item()


print(evaluate())
