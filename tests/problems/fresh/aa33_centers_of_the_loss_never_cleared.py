import torch
from torch import nn


class CenterLoss(nn.Module):
    def __init__(self, classes, dim):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(classes, dim))

    def forward(self, feats, labels):
        return (feats - self.centers[labels]).pow(2).sum(1).mean()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
center = CenterLoss(3, 4)
optimizer = torch.optim.SGD(list(model.parameters()) + list(center.parameters()), lr=0.01)
x = torch.randn(48, 8)
y = torch.randint(0, 3, (48,))
for step in range(10):
    model.zero_grad()
    loss = center(model(x), y)
    loss.backward()
    optimizer.step()
    print(step, center.centers.grad.norm().item())
