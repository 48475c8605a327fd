import torch
from torch import nn


class Finetuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.backbone(x))


torch.manual_seed(19)
net = Finetuned()
optimizer = torch.optim.SGD(
    [
        {"params": net.backbone.parameters(), "lr": 0.1},
        {"params": net.head.parameters(), "lr": 1e-6},
    ],
    momentum=0.9,
)
x, y = torch.randn(40, 8), torch.randint(0, 3, (40,))
for epoch in range(8):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, round(loss.item(), 2))
