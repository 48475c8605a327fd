import torch
from torch import nn

torch.manual_seed(24)
x = torch.randn(64, 5)
y = x.sum(1, keepdim=True)
model = nn.Linear(5, 1)
base_lr, warmup_steps, step = 0.05, 40, 0
optimizer = torch.optim.SGD(model.parameters(), lr=base_lr)
for epoch in range(5):
    for rows in torch.randperm(64).split(16):
        for group in optimizer.param_groups:
            group["lr"] = base_lr * min(1, step // warmup_steps)
        loss = nn.functional.mse_loss(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
    print(epoch, loss.item())
