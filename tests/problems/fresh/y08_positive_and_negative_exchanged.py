import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
crit = nn.TripletMarginLoss(margin=0.5)
centers = torch.randn(6, 5) * 2
for step in range(12):
    k = torch.randint(0, 6, (24,))
    other = (k + torch.randint(1, 6, (24,))) % 6
    anchor = centers[k] + 0.2 * torch.randn(24, 5)
    positive = centers[k] + 0.2 * torch.randn(24, 5)
    negative = centers[other] + 0.2 * torch.randn(24, 5)
    loss = crit(net(anchor), net(negative), net(positive))
    opt.zero_grad()
    loss.backward()
    opt.step()
