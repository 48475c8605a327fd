import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(6, 4), nn.Linear(2, 6)

    def forward(self, x):
        mean, log_std = self.encoder(x).chunk(2, dim=1)
        posterior = Normal(mean, log_std.exp())
        return self.decoder(posterior.rsample()), posterior


model, prior = VAE(), Normal(torch.zeros(2), torch.ones(2))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(40, 6)
for epoch in range(6):
    out, posterior = model(x)
    loss = (out - x).pow(2).sum(1).mean() + kl_divergence(posterior, prior).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
noisy = x + 0.1 * Normal(0.0, 1.0).sample(x.shape)
for epoch in range(3):
    loss = (model(noisy)[0] - x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    print(model.decoder(prior.sample((3,))).shape)
