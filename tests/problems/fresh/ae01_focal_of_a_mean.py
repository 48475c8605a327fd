import torch
from torch import nn
import torch.nn.functional as F


class FocalLoss(nn.Module):
    def __init__(self, alpha=0.25, gamma=2.0):
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits, targets):
        bce = F.binary_cross_entropy_with_logits(logits, targets)
        pt = torch.exp(-bce)
        return self.alpha * (1 - pt) ** self.gamma * bce


torch.manual_seed(3)
x = torch.randn(64, 6)
y = (x[:, 0] + x[:, 1] > 1.5).float()
net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))
criterion = FocalLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(8):
    for i in range(0, 64, 16):
        opt.zero_grad()
        loss = criterion(net(x[i : i + 16]).squeeze(1), y[i : i + 16])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
