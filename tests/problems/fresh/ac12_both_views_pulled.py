import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(20)
encoder = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8))
predictor = nn.Linear(8, 8)
params = [*encoder.parameters(), *predictor.parameters()]
optimizer = torch.optim.Adam(params, lr=0.01)
data = torch.randn(64, 6)


def view(x):
    return x + 0.2 * torch.randn_like(x)


for epoch in range(8):
    for batch in data.split(32):
        a, b = view(batch), view(batch)
        za = predictor(encoder(a))
        zb = encoder(b)
        za, zb = F.normalize(za, dim=1), F.normalize(zb, dim=1)
        loss = (2 - 2 * (za * zb).sum(1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item(), encoder(data).std(0).mean().item())
