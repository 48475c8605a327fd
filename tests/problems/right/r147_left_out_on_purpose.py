# unlabelled samples, borders of a segmentation, and masked language: all left out by an index that is no class, or of places
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(40, 6)
y = torch.randint(0, 3, (40,))
y[::4] = -1
for step in range(5):
    loss = nn.functional.cross_entropy(net(x), y, ignore_index=-1)
    opt.zero_grad()
    loss.backward()
    opt.step()
seg = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
opt = torch.optim.Adam(seg.parameters(), lr=1e-2)
image = torch.randn(4, 1, 8, 8)
mask = (image[:, 0] > 0).long()
mask[:, 0], mask[:, :, 0] = 255, 255
for step in range(5):
    loss = nn.functional.cross_entropy(seg(image), mask, ignore_index=255)
    opt.zero_grad()
    loss.backward()
    opt.step()
lm = nn.Sequential(nn.Embedding(12, 16), nn.Linear(16, 12))
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
tokens = torch.randint(1, 12, (8, 6))
for step in range(5):
    hidden = torch.rand(8, 6) < 0.3
    inputs = tokens.masked_fill(hidden, 0)
    targets = tokens.masked_fill(~hidden, 0)
    loss = nn.functional.cross_entropy(lm(inputs).flatten(0, 1), targets.flatten(), ignore_index=0)
    opt.zero_grad()
    loss.backward()
    opt.step()
