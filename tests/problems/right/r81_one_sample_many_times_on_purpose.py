import torch
from torch import nn

torch.manual_seed(10)
encoder, decoder = nn.Linear(6, 4), nn.Linear(2, 6)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)
data = torch.randn(20, 6)
for step in range(6):
    x = data[step]
    many = x.repeat(8, 1)
    mu, spread = encoder(many).chunk(2, dim=1)
    z = mu + torch.randn_like(mu) * spread.exp()
    loss = torch.logsumexp((decoder(z) - torch.stack([x] * 8)).pow(2).mean(1), 0)
    loss = loss + (encoder(x.expand(5, 6)) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
theta = torch.zeros(1, requires_grad=True)
fit = torch.optim.SGD([theta], lr=0.1)
for _ in range(6):
    fit.zero_grad()
    loss = (theta.expand(20) - data[:, 0]).pow(2).mean()
    loss.backward()
    fit.step()
