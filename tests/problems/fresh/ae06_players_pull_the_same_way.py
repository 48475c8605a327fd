import torch
from torch import nn

torch.manual_seed(4)
G = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
opt_g = torch.optim.RMSprop(G.parameters(), lr=5e-4)
opt_d = torch.optim.RMSprop(D.parameters(), lr=5e-4)
real_data = torch.randn(128, 2) * 0.3 + torch.tensor([2.0, -1.0])
for step in range(20):
    real = real_data[torch.randint(0, 128, (32,))]
    fake = G(torch.randn(32, 3))
    d_loss = torch.mean(D(real)) - torch.mean(D(fake.detach()))
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    for p in D.parameters():
        p.data.clamp_(-0.05, 0.05)
    g_loss = -torch.mean(D(fake))
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    print(step, d_loss.item(), g_loss.item())
