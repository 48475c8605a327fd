import torch
from torch import nn

torch.manual_seed(0)
centers = torch.randn(4, 6) * 3
labels = torch.arange(80) % 4
points = centers[labels] + torch.randn(80, 6)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4))
criterion = nn.CrossEntropyLoss(ignore_index=0)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(20):
    perm = torch.randperm(80)
    for idx in perm.split(20):
        optimizer.zero_grad()
        loss = criterion(net(points[idx]), labels[idx])
        loss.backward()
        optimizer.step()
with torch.no_grad():
    pred = net(points).argmax(1)
for c in range(4):
    print(c, (pred[labels == c] == c).float().mean().item())
