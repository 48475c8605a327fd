import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
per_class = 40


def cloud(cx, cy):
    return torch.randn(per_class, 2) + torch.tensor([cx, cy])


points = torch.cat([cloud(0.0, 3.0), cloud(3.0, 0.0), cloud(-3.0, -3.0)])
classes = torch.arange(3).repeat_interleave(per_class)
loader = DataLoader(TensorDataset(points, classes), batch_size=20)

mlp = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(mlp.parameters(), lr=0.1)
for epoch in range(4):
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(mlp(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    accuracy = (mlp(points).argmax(1) == classes).float().mean().item()
    print(epoch, total / len(loader), accuracy)
