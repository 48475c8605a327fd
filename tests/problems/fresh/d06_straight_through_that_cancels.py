import torch
from torch import nn

torch.manual_seed(5)
enc, dec = nn.Linear(6, 4), nn.Linear(4, 6)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)
x = torch.randn(20, 6)
for _ in range(5):
    soft = torch.sigmoid(enc(x))
    hard = (soft > 0.5).float()
    code = hard + (soft - soft)
    loss = (dec(code) - x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
