# a criterion with parameters of its own, stepped by its own optimizer and cleared with the model
import torch
from torch import nn


class CenterLoss(nn.Module):
    def __init__(self, classes, dim):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(classes, dim))

    def forward(self, feats, labels):
        return (feats - self.centers[labels]).square().sum(1).mean()


torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4)), nn.Linear(4, 3)
center = CenterLoss(3, 4)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.05)
opt_c = torch.optim.SGD(center.parameters(), lr=0.5)
x = torch.randn(48, 8)
y = torch.randint(0, 3, (48,))
weight = 0.1
for step in range(10):
    feats = body(x)
    loss = nn.functional.cross_entropy(head(feats), y) + weight * center(feats, y)
    opt.zero_grad()
    opt_c.zero_grad()
    loss.backward()
    for p in center.parameters():
        p.grad.mul_(1 / weight)
    opt.step()
    opt_c.step()
