import math

import torch
import torch.nn.functional as F
from torch import nn


class Tower(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, 24), nn.GELU(), nn.Linear(24, 8))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.text = Tower(10), Tower(6)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, images, texts):
        logits = self.log_scale.exp().clamp(max=100) * self.image(images) @ self.text(texts).t()
        labels = torch.arange(len(images))
        return 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))


torch.manual_seed(0)
images = torch.randn(48, 10)
texts = images @ torch.randn(10, 6) * 0.4 + 0.05 * torch.randn(48, 6)
model = Clip()
opt = torch.optim.AdamW(model.parameters(), lr=5e-3)
for epoch in range(4):
    for part in torch.randperm(48).split(16):
        loss = model(images[part], texts[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    found = (model.image(images) @ model.text(texts).t()).argmax(1)
    print((found == torch.arange(48)).float().mean().item())
