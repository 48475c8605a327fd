import torch
from torch import nn


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(5, 16), nn.Tanh())
        self.kind = nn.Linear(16, 3)
        self.size = nn.Linear(16, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.kind(h), self.size(h).squeeze(-1)


torch.manual_seed(0)
x = torch.randn(48, 5)
kinds = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
sizes = x[:, 2] * 2 + 1
model = TwoHeads()
ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def train_epoch():
    model.train()
    for part in torch.randperm(48).split(16):
        logits, size = model(x[part])
        optimizer.zero_grad()
        loss = 1.0 * ce(logits, kinds[part])
        +0.5 * mse(size, sizes[part])
        loss.backward()
        optimizer.step()


def evaluate():
    model.eval()
    with torch.no_grad():
        logits, size = model(x)
        return (logits.argmax(1) == kinds).float().mean().item(), (size - sizes).abs().mean().item()


for epoch in range(3):
    train_epoch()
    print(epoch, *evaluate())
