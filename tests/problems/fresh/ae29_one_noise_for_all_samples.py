import torch
from torch import nn
import torch.nn.functional as F


class VAE(nn.Module):
    def __init__(self, d=8, z=3):
        super().__init__()
        self.enc = nn.Linear(d, 16)
        self.mu, self.logvar = nn.Linear(16, z), nn.Linear(16, z)
        self.dec = nn.Sequential(nn.Linear(z, 16), nn.ReLU(), nn.Linear(16, d))
        self.latent = z

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        eps = torch.randn(self.latent)
        z = mu + torch.exp(0.5 * logvar) * eps
        return self.dec(z), mu, logvar


torch.manual_seed(29)
x = torch.randn(64, 3) @ torch.randn(3, 8)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=0.01)
for epoch in range(6):
    for rows in torch.randperm(64).split(16):
        recon, mu, logvar = vae(x[rows])
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
        loss = F.mse_loss(recon, x[rows], reduction="sum") / len(rows) + kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
