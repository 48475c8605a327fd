import torch
import torch.nn.functional as F
from torch import nn


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


def batch_hard(e, labels, margin=0.3):
    distances = (2 - 2 * e @ e.t()).clamp(min=0)
    same = labels[:, None] == labels[None, :]
    itself = torch.eye(len(e), dtype=torch.bool)
    far = distances.masked_fill(~same | itself, -1.0).max(1).values
    near = distances.masked_fill(same, 5.0).min(1).values
    return F.relu(far - near + margin).mean()


torch.manual_seed(0)
centers = torch.randn(4, 10)
labels = torch.arange(64) % 4
x = centers[labels] + 0.8 * torch.randn(64, 10)
model = Embedder()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    for part in torch.randperm(64).split(16):
        loss = batch_hard(model(x[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
