import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(16)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(6, 8)
        self.mu, self.logvar = nn.Linear(8, 2), nn.Linear(8, 2)
        self.dec = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 6))

    def forward(self, x):
        h = torch.tanh(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.dec(z), mu, logvar


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
data = torch.rand(32, 6)
for _ in range(6):
    out, mu, logvar = model(data)
    rec = F.binary_cross_entropy_with_logits(out, data, reduction="sum") / 32
    kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum() / 32
    loss = rec + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
