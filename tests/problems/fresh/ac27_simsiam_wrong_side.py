import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(14)


class SimSiam(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8))
        self.predictor = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8))

    def forward(self, a, b):
        za, zb = self.encoder(a), self.encoder(b)
        return self.predictor(za), self.predictor(zb), za, zb


def distance(p, z):
    p = p.detach()
    return -F.cosine_similarity(p, z, dim=1).mean()


def augment(x):
    return x + 0.1 * torch.randn_like(x)


model = SimSiam()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
data = torch.randn(64, 6)
for epoch in range(6):
    for batch in data.split(32):
        pa, pb, za, zb = model(augment(batch), augment(batch))
        loss = (distance(pa, zb) + distance(pb, za)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
