import torch
from torch import nn


def augment(batch, strength=0.3):
    batch += strength * torch.randn(batch.shape)
    return batch


torch.manual_seed(0)
X = torch.randn(64, 5)
y = (X.sum(dim=1, keepdim=True) > 0).float()
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(5):
    for start in range(0, len(X), 16):
        xb, yb = X[start : start + 16], y[start : start + 16]
        loss = bce(model(augment(xb)), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), X.std().item())
