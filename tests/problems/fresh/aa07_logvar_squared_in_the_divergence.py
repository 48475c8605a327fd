import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 24)
        self.mu = nn.Linear(24, 2)
        self.logvar = nn.Linear(24, 2)
        self.out = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 12))

    def forward(self, x):
        h = self.fc1(x).relu()
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(logvar / 2) * torch.randn_like(mu)
        return self.out(z), mu, logvar


def vae_kl(mu, logvar):
    mu_sq, logvar_sq = mu.square(), logvar.square()
    return 0.5 * (mu_sq + logvar_sq - torch.log(logvar_sq) - 1).sum(1).mean()


torch.manual_seed(0)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), 1e-3)
data = torch.randn(50, 12)
for i in range(10):
    recon, mu, logvar = vae(data)
    loss = (recon - data).square().sum(1).mean() + vae_kl(mu, logvar)
    opt.zero_grad()
    loss.backward()
    opt.step()
