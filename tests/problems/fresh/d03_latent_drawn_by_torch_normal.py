import torch
from torch import nn

torch.manual_seed(2)
enc, dec = nn.Linear(8, 4), nn.Linear(2, 8)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)
x = torch.randn(40, 8)
for _ in range(6):
    mu, logvar = enc(x).chunk(2, dim=-1)
    z = torch.normal(mu, (0.5 * logvar).exp())
    loss = (dec(z) - x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
