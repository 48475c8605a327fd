import torch
from torch import nn


class Tagger(nn.Module):
    """Several tags may hold of one picture."""

    def __init__(self, tags):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8 * 4 * 4, tags)

    def forward(self, x):
        h = torch.relu(self.bn(self.conv(x)))
        h = nn.functional.avg_pool2d(h, 2)
        return self.fc(h.flatten(1))


torch.manual_seed(0)
tags = (torch.rand(48, 5) < 0.4).float()
images = torch.randn(48, 1, 8, 8) * 0.2
for k in range(5):
    images[:, 0, k] += tags[:, k, None]
model = Tagger(5)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    model.train()
    for part in torch.randperm(48).split(12):
        optimizer.zero_grad()
        loss = criterion(model(images[part]), tags[part])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        hit = ((model(images) > 0).float() == tags).float().mean()
    print(epoch, loss.item(), hit.item())
