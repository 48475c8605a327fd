import torch
from torch import nn

torch.manual_seed(7)


def views(decoder, n=4):
    state = torch.get_rng_state()
    torch.manual_seed(0)
    z = torch.randn(n, 3)
    torch.set_rng_state(state)
    with torch.no_grad():
        return decoder(z)


class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 6)
        self.decoder = nn.Sequential(nn.Linear(3, 12), nn.SiLU(), nn.Linear(12, 6))

    def forward(self, x, generator=None):
        mu, log_var = self.encoder(x).chunk(2, dim=-1)
        eps = torch.randn(mu.shape, generator=generator)
        return self.decoder(mu + eps * (0.5 * log_var).exp()), mu, log_var


data = torch.randn(48, 6)
model = AE()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(5):
    generator = torch.Generator().manual_seed(100 + epoch)
    for batch in data[torch.randperm(48, generator=generator)].split(16):
        recon, mu, log_var = model(batch, generator)
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(dim=1).mean()
        loss = (recon - batch).square().sum(dim=1).mean() + kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    shown = views(model.decoder)
print(loss.item(), shown.std().item())
