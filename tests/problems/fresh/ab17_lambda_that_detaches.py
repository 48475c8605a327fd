import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(9, 20), nn.ReLU(), nn.Linear(20, 5))
decoder = nn.Linear(5, 9)
encoder.register_forward_hook(lambda module, args, out: out.detach())
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)
x = torch.randn(50, 9)
for step in range(6):
    loss = (decoder(encoder(x)) - x).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
