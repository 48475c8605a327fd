import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(22)
centers = torch.randn(4, 6)
labels = torch.arange(4).repeat(12)
points = centers[labels] + 0.5 * torch.randn(48, 6)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
margin = 1.0
for epoch in range(8):
    order = torch.randperm(12)
    anchor, positive, negative = points[order * 4], points[order.roll(1) * 4], points[order * 4 + 1]
    a, p, n = net(anchor), net(positive), net(negative)
    d_pos = (a - p).pow(2).sum(1)
    d_neg = (a - n).pow(2).sum(1)
    loss = F.relu(d_pos - d_neg - margin).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
