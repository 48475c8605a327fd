import torch
from torch import nn

torch.manual_seed(0)
G, D = nn.Linear(2, 2), nn.Linear(2, 1)
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3)
d_opt = torch.optim.Adam(D.parameters(), lr=1e-3)
f = nn.functional.binary_cross_entropy_with_logits
for _ in range(5):
    real, fake = torch.randn(16, 2) + 1, G(torch.randn(16, 2))
    g_opt.zero_grad()
    g_opt.zero_grad()
    loss = f(D(real), torch.ones(16, 1)) + f(D(fake.detach()), torch.zeros(16, 1))
    loss.backward()
    d_opt.step()
    g_loss = f(D(fake), torch.ones(16, 1))
    g_loss.backward()
    g_opt.step()
