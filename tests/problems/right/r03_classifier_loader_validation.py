import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
X = torch.randn(120, 2)
Y = (X[:, 0] > X[:, 1]).long()
train = DataLoader(TensorDataset(X[:96], Y[:96]), batch_size=16, shuffle=True)
valid = DataLoader(TensorDataset(X[96:], Y[96:]), batch_size=24)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(4):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        F.cross_entropy(net(xb), yb).backward()
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for xb, yb in valid:
            hits += (net(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch}: {hits / 24:.2f}")
