import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
VIEWS = 3
net = nn.Sequential(nn.Linear(7, 24), nn.ReLU(), nn.Linear(24, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(8):
    x = torch.randn(20, 7)
    y = x[:, :4].argmax(1)
    views = x.unsqueeze(1).expand(-1, VIEWS, -1).reshape(-1, 7)
    views = views + 0.05 * torch.randn_like(views)
    targets = y.repeat(VIEWS)
    loss = F.cross_entropy(net(views), targets)
    opt.zero_grad()
    loss.backward()
    opt.step()
