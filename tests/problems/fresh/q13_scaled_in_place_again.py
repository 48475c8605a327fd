import torch
from torch import nn

torch.manual_seed(0)
images = torch.rand(40, 6)
labels = (images.sum(1) > 3).long()
net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(4):
    for x, y in zip(images.split(10), labels.split(10)):
        x.sub_(0.5).div_(0.25)
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
