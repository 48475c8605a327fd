import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(22)


class Pretrained(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 20), nn.ReLU())
        self.head = nn.Linear(20, 4)

    def forward(self, x):
        return self.head(self.body(x))


model = Pretrained()
optimizer = torch.optim.AdamW(
    [
        {"params": model.parameters(), "lr": 1e-4},
        {"params": model.head.parameters(), "lr": 1e-2},
    ],
    weight_decay=0.01,
)
x = torch.randn(32, 10)
y = torch.randint(0, 4, (32,))
for epoch in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
