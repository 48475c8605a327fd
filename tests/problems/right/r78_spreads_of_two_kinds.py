import torch
from torch import nn

torch.manual_seed(7)
encode, decode = nn.Linear(10, 6), nn.Linear(3, 10)
policy = nn.Linear(10, 2)
opt = torch.optim.Adam([*encode.parameters(), *decode.parameters(), *policy.parameters()], lr=1e-2)
x = torch.randn(30, 10)
y = x[:, :1] + 0.3 * torch.randn(30, 1)
for _ in range(6):
    mu, logvar = encode(x).chunk(2, dim=1)
    z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
    kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
    log_std = encode(x)[:, 3:]
    other = mu + torch.randn_like(mu) * log_std.exp()
    kl2 = (0.5 * (mu.pow(2) + log_std.exp().pow(2) - 1) - log_std).sum(1).mean()
    m, s = policy(x).chunk(2, dim=1)
    nll = (s + 0.5 * ((y - m) / s.exp()) ** 2).mean()
    loss = (decode(z) - x).pow(2).mean() + (decode(other) - x).pow(2).mean() + 0.1 * (kl + kl2) + nll
    opt.zero_grad()
    loss.backward()
    opt.step()
