import torch
from torch import nn
from torch.distributions import Normal


class VAE(nn.Module):
    def __init__(self, d=10, z=3):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(d, 16), nn.ReLU())
        self.mu = nn.Linear(16, z)
        self.logvar = nn.Linear(16, z)
        self.dec = nn.Sequential(nn.Linear(z, 16), nn.ReLU(), nn.Linear(16, d))

    def forward(self, x):
        h = self.enc(x)
        mu, std = self.mu(h), torch.exp(0.5 * self.logvar(h))
        code = Normal(mu, std).sample()
        return self.dec(code), mu, std


torch.manual_seed(51)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-3)
x = torch.randn(32, 10)
for epoch in range(8):
    recon, mu, std = vae(x)
    rec = nn.functional.mse_loss(recon, x)
    loss = rec
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
