import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(4)


class VAE(nn.Module):
    def __init__(self, features, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(features, 32), nn.SiLU())
        self.mean = nn.Linear(32, latent)
        self.logvar = nn.Linear(32, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 32), nn.SiLU(), nn.Linear(32, features))
        nn.init.zeros_(self.logvar.weight)
        nn.init.zeros_(self.logvar.bias)

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h), self.logvar(h).clamp(-8, 8)

    def forward(self, x):
        mean, logvar = self.encode(x)
        if self.training:
            z = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
        else:
            z = mean
        return self.decoder(z), mean, logvar


def elbo_parts(logits, x, mean, logvar, free_bits=0.02):
    picture = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    kl = -0.5 * (1 + logvar - mean.pow(2) - logvar.exp())
    kl = kl.mean(0).clamp(min=free_bits).sum()
    return picture, kl


def bars(n):
    images = torch.zeros(n, 4, 4)
    for image in images:
        if torch.rand(()) < 0.5:
            image[torch.randint(0, 4, ())] = 1.0
        else:
            image[:, torch.randint(0, 4, ())] = 1.0
    return images.flatten(1)


data = bars(96)
model = VAE(16, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.SequentialLR(
    optimizer,
    [
        torch.optim.lr_scheduler.LinearLR(optimizer, 0.2, 1.0, total_iters=3),
        torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9),
    ],
    milestones=[3],
)
step = 0
for epoch in range(4):
    model.train()
    sums = [0.0, 0.0]
    for batch in data[torch.randperm(96)].split(32):
        beta = min(1.0, (step + 1) / 8)
        logits, mean, logvar = model(batch)
        picture, kl = elbo_parts(logits, batch, mean, logvar)
        loss = picture + beta * kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        step += 1
        sums[0] += picture.item()
        sums[1] += kl.item()
    print(epoch, [round(s / 3, 4) for s in sums])

model.eval()
with torch.no_grad():
    samples = torch.sigmoid(model.decoder(torch.randn(5, 3)))
    a, b = model.encode(data[:2])[0]
    way = torch.stack([torch.lerp(a, b, w) for w in torch.linspace(0, 1, 5)])
    print(samples.mean().item(), torch.sigmoid(model.decoder(way)).shape)
