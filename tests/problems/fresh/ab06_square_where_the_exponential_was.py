import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 4))
decoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 6))
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
x = torch.randn(40, 6)
for i in range(12):
    mu, log_var = encoder(x).chunk(2, dim=1)
    std = torch.exp(0.5 * log_var)
    z = mu + std * torch.randn_like(std)
    mse = (decoder(z) - x).pow(2).sum(1)
    kl = -0.5 * (1 + log_var - mu.pow(2) - log_var.pow(2)).sum(1)
    loss = (mse + kl).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
