import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        return self.pool(torch.relu(self.bn(self.conv(x)))).flatten(1)


class Tuned(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.backbone = Backbone()
        for p in self.backbone.parameters():
            p.requires_grad = False
        self.head = nn.Linear(8, classes)

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x):
        return self.head(self.backbone(x))


torch.manual_seed(6)
model = Tuned(2)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.05)
x = torch.rand(24, 3, 8, 8)
y = (x.mean(dim=(1, 2, 3)) > x.mean()).long()
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
for epoch in range(10):
    model.train()
    running = 0.0
    for xb, yb in zip(x.split(8), y.split(8)):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        running += loss.item()
    sched.step()
    model.eval()
    with torch.no_grad():
        hit = (model(x).argmax(1) == y).float().mean().item()
    print(epoch, running / 3, hit)
