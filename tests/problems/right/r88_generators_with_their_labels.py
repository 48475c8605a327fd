import torch
from torch import nn

torch.manual_seed(2)
G = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(D.parameters(), lr=1e-3)
bce, real_label, fake_label = nn.BCEWithLogitsLoss(), torch.ones(16, 1), torch.zeros(16, 1)
for step in range(5):
    real, z = torch.randn(16, 2) + 1, torch.randn(16, 3)
    opt_d.zero_grad()
    (bce(D(real), real_label) + bce(D(G(z).detach()), fake_label)).backward()
    opt_d.step()
    opt_g.zero_grad()
    bce(D(G(z)), real_label).backward()
    opt_g.step()
    opt_d.zero_grad()
    (0.5 * ((D(real) - 1) ** 2).mean() + 0.5 * (D(G(z).detach()) ** 2).mean()).backward()
    opt_d.step()
    opt_g.zero_grad()
    nn.functional.mse_loss(D(G(z)), real_label).backward()
    opt_g.step()
