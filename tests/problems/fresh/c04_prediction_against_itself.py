import torch
from torch import nn

torch.manual_seed(3)
enc, dec = nn.Linear(8, 3), nn.Linear(3, 8)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)
data = torch.randn(32, 8)
for step in range(6):
    recon = dec(torch.relu(enc(data)))
    target = recon
    loss = ((recon - target) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
