import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(190)
centers = torch.randn(4, 6)
labels = torch.arange(4).repeat(12)
points = centers[labels] + 0.5 * torch.randn(48, 6)
height = points.sum(1)
net, line = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4)), nn.Linear(6, 1)
opt = torch.optim.Adam([*net.parameters(), *line.parameters()], lr=0.01)
for epoch in range(8):
    order = torch.randperm(12)
    a, p, n = net(points[order * 4]), net(points[order.roll(1) * 4]), net(points[order * 4 + 1])
    near, far = (a - p).pow(2).sum(1), (a - n).pow(2).sum(1)
    triplet = F.relu(near - far + 1.0).mean()
    contrast = near.mean() + F.relu(1.0 - (far + 1e-6).sqrt()).pow(2).mean()
    tube = F.relu((line(points).squeeze(1) - height).abs() - 0.1).mean()
    long = F.relu(net[0].weight.norm(dim=1) - 3.0).sum()
    order_of = F.relu(-(far.sqrt() - near.sqrt()) + 0.2).mean()
    loss = triplet + 0.1 * contrast + tube + long + 0.1 * order_of
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
