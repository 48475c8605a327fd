import torch
import torch.nn.functional as F
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 8))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


class InfoNCE(nn.Module):
    def __init__(self, temperature=0.07):
        super().__init__()
        self.temperature = temperature

    def forward(self, a, b):
        logits = a @ b.t() * self.temperature
        labels = torch.arange(len(a))
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


torch.manual_seed(0)
images = torch.randn(32, 10)
captions = images @ torch.randn(10, 10) * 0.3 + 0.05 * torch.randn(32, 10)
image_encoder, text_encoder = Encoder(), Encoder()
params = list(image_encoder.parameters()) + list(text_encoder.parameters())
optimizer = torch.optim.Adam(params, lr=1e-2)
criterion = InfoNCE()
for epoch in range(5):
    order = torch.randperm(32)
    for part in order.split(16):
        loss = criterion(image_encoder(images[part]), text_encoder(captions[part]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, f"{loss.item():.4f}")
