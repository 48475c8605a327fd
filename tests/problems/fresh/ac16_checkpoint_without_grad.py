import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

torch.manual_seed(3)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh())
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        x = checkpoint(self.stem, x, use_reentrant=True)
        return self.head(x)


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(40, 6)
y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
for epoch in range(6):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, round(loss.item(), 4))
for name, p in net.named_parameters():
    print(name, p.grad is None)
