import torch
from torch import nn

torch.manual_seed(0)
K = 4
encoder = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(encoder.parameters(), lr=1e-2)
users = torch.randn(10, 5)
items = torch.randn(10, 3)
for epoch in range(8):
    u = users.repeat_interleave(K, dim=0) + 0.05 * torch.randn(40, 5)
    v = items.repeat(K, 1)
    loss = (encoder(u) - v).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
