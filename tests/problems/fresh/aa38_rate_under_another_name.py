import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(6, 32), nn.ReLU())
head = nn.Linear(32, 3)
optimizer = torch.optim.SGD(
    [
        {"params": backbone.parameters(), "learning_rate": 1e-4},
        {"params": head.parameters()},
    ],
    lr=0.1,
    momentum=0.9,
)
x, y = torch.randn(60, 6), torch.randint(0, 3, (60,))
for epoch in range(6):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(head(backbone(x)), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), [g["lr"] for g in optimizer.param_groups])
