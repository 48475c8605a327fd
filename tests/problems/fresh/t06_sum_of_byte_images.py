import torch
from torch import nn

torch.manual_seed(0)
left = torch.randint(0, 256, (30, 16), dtype=torch.uint8)
right = torch.randint(0, 256, (30, 16), dtype=torch.uint8)
difference = left - right
x = difference.float() / 255
y = (left.float().mean(1) > right.float().mean(1)).long()
net = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
