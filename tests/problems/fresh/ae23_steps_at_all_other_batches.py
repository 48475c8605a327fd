import torch
from torch import nn

torch.manual_seed(23)
x, y = torch.randn(96, 5), torch.randn(96, 1)
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
accumulation_steps = 4
for epoch in range(2):
    optimizer.zero_grad()
    for i in range(24):
        xb, yb = x[4 * i : 4 * i + 4], y[4 * i : 4 * i + 4]
        loss = nn.functional.mse_loss(model(xb), yb) / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps:
            optimizer.step()
            optimizer.zero_grad()
    print(epoch, loss.item())
