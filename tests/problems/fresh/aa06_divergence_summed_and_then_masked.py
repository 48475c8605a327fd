import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
B, T, D, Z = 6, 5, 8, 3
enc = nn.Linear(D, 2 * Z)
dec = nn.Linear(Z, D)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)
seq = torch.randn(B, T, D)
lengths = torch.tensor([5, 3, 4, 2, 5, 1])
seq_onehots = (torch.arange(T)[None, :] < lengths[:, None]).float()
for step in range(8):
    mean, log_var = enc(seq).chunk(2, dim=-1)
    z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
    recon = F.mse_loss(dec(z), seq, reduction="none").sum(-1) * seq_onehots
    kl_loss = (-0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())) * seq_onehots
    loss = (recon + 0.1 * kl_loss).sum() / seq_onehots.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"{step}: {loss.item():.3f}")
