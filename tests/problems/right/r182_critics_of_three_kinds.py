import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(182)
real_data = torch.randn(96, 2) * 0.3 + torch.tensor([1.5, -1.0])


def players():
    g = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    return g, d, torch.optim.RMSprop(g.parameters(), lr=1e-3), torch.optim.RMSprop(d.parameters(), lr=1e-3)


for kind in ("wasserstein", "hinge", "soft"):
    G, D, opt_g, opt_d = players()
    for step in range(12):
        real = real_data[torch.randint(0, 96, (24,))]
        fake = G(torch.randn(24, 3))
        if kind == "wasserstein":
            d_loss = D(fake.detach()).mean() - D(real).mean()
        elif kind == "hinge":
            d_loss = F.relu(1 - D(real)).mean() + F.relu(1 + D(fake.detach())).mean()
        else:
            d_loss = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
        opt_d.zero_grad()
        d_loss.backward()
        opt_d.step()
        if kind == "wasserstein":
            for p in D.parameters():
                p.data.clamp_(-0.1, 0.1)
        score = D(fake)
        g_loss = F.softplus(-score).mean() if kind == "soft" else -score.mean()
        opt_g.zero_grad()
        g_loss.backward()
        opt_g.step()
    print(kind, d_loss.item(), g_loss.item())
