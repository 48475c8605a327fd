import torch
from torch import nn

torch.manual_seed(0)
WARMUP = 100


def warmup(step):
    return min(1.0, step / WARMUP)


model = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, warmup)
x = torch.randn(64, 6)
y = x[:, :1] * x[:, 1:2]

for step in range(30):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step}: {loss.item():.4f}")
