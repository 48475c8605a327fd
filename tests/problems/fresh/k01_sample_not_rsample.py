import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(8, 16)
        self.mean = nn.Linear(16, 2)
        self.log_std = nn.Linear(16, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 8))

    def forward(self, x):
        h = torch.relu(self.encoder(x))
        posterior = Normal(self.mean(h), self.log_std(h).exp())
        z = posterior.sample()
        return self.decoder(z), posterior


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
data = torch.randn(64, 8)
prior = Normal(torch.zeros(2), torch.ones(2))
for epoch in range(5):
    out, posterior = model(data)
    reconstruction = ((out - data) ** 2).sum(dim=1).mean()
    kl = torch.distributions.kl_divergence(posterior, prior).sum(dim=1).mean()
    loss = reconstruction + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
