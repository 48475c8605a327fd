import torch
import torch.nn.functional as F
from torch import nn


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(12, 16), nn.Linear(3, 12)
        self.mu, self.logvar = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, x):
        h = torch.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(0.5 * logvar) * torch.rand_like(mu)
        return self.dec(z), mu, logvar


torch.manual_seed(0)
x = torch.randn(60, 12)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-2)
for epoch in range(5):
    out, mu, logvar = vae(x)
    kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
    loss = F.mse_loss(out, x, reduction="sum") / len(x) + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
