import torch
from torch import nn
from torch.nn import functional as F

SEED = 42


class VAE(nn.Module):
    def __init__(self, d=8, z=2):
        super().__init__()
        self.enc = nn.Linear(d, 16)
        self.mu = nn.Linear(16, z)
        self.logvar = nn.Linear(16, z)
        self.dec = nn.Sequential(nn.Linear(z, 16), nn.ReLU(), nn.Linear(16, d))

    def reparameterize(self, mu, logvar):
        torch.manual_seed(SEED)
        eps = torch.randn_like(mu)
        return mu + eps * torch.exp(0.5 * logvar)

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        return self.dec(self.reparameterize(mu, logvar)), mu, logvar


torch.manual_seed(SEED)
data = torch.randn(40, 8)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=2e-3)
for epoch in range(8):
    recon, mu, logvar = vae(data)
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(data)
    loss = F.mse_loss(recon, data, reduction="sum") / len(data) + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
