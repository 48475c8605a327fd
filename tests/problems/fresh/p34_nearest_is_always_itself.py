import torch
import torch.nn.functional as F
from torch import nn


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


def triplet_loss(embeddings, labels, margin=0.3):
    distances = torch.cdist(embeddings.detach(), embeddings.detach())
    alike = labels[:, None] == labels[None, :]
    positive = distances.masked_fill(~alike, 1e3).argmin(dim=1)
    negative = distances.masked_fill(alike, 1e3).argmin(dim=1)
    d_pos = (embeddings - embeddings[positive]).pow(2).sum(1)
    d_neg = (embeddings - embeddings[negative]).pow(2).sum(1)
    return F.relu(d_pos - d_neg + margin).mean()


torch.manual_seed(0)
centers = torch.randn(4, 10)
labels = torch.arange(64) % 4
x = centers[labels] + 0.8 * torch.randn(64, 10)
model = Embedder()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    for part in torch.randperm(64).split(16):
        loss = triplet_loss(model(x[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
