# regularized sums beside means that are meant: an L1 of the code, beta VAE divided by the batch
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.rand(64, 20)
enc, mu, lv, dec = nn.Linear(20, 16), nn.Linear(16, 3), nn.Linear(16, 3), nn.Linear(3, 20)
params = [p for m in (enc, mu, lv, dec) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=1e-3)
for batch in x.split(32):
    h = torch.tanh(enc(batch))
    m, v = mu(h), lv(h)
    z = m + torch.exp(0.5 * v) * torch.randn_like(m)
    recon = F.binary_cross_entropy_with_logits(dec(z), batch, reduction="sum") / len(batch)
    kl = -0.5 * torch.sum(1 + v - m.pow(2) - v.exp()) / len(batch)
    sparse = 1e-3 * h.abs().sum()
    loss = recon + kl + sparse + F.mse_loss(torch.sigmoid(dec(z)), batch)
    opt.zero_grad()
    loss.backward()
    opt.step()
