import torch
from torch import nn, optim


def configure(model, finetune):
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    if finetune:
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return optimizer, scheduler


torch.manual_seed(29)
model = nn.Sequential(nn.Linear(3, 9), nn.ELU(), nn.Linear(9, 1))
optimizer, scheduler = configure(model, finetune=True)
x = torch.randn(25, 3)
y = torch.cos(x).sum(1, keepdim=True)
for epoch in range(8):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(epoch, round(loss.item(), 2), optimizer.param_groups[0]["lr"])
