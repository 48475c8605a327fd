import torch
from torch import nn

torch.manual_seed(0)
N_IDEAS, POINTS, BATCH = 5, 15, 16
G = nn.Sequential(nn.Linear(N_IDEAS, 32), nn.ReLU(), nn.Linear(32, POINTS))
D = nn.Sequential(nn.Linear(POINTS, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
opt_D = torch.optim.Adam(D.parameters(), lr=1e-4)
opt_G = torch.optim.Adam(G.parameters(), lr=1e-4)
grid = torch.linspace(-1, 1, POINTS)
for step in range(4):
    real = torch.sin(grid * 3) + 0.02 * torch.randn(BATCH, 1)
    fake = G(torch.randn(BATCH, N_IDEAS))
    prob_real, prob_fake = D(real), D(fake)
    G_loss = torch.log(1.0 - prob_fake).mean()
    D_loss = -(torch.log(prob_real) + torch.log(1.0 - prob_fake)).mean()
    opt_D.zero_grad()
    D_loss.backward(retain_graph=True)
    opt_D.step()
    opt_G.zero_grad()
    G_loss.backward()
    opt_G.step()
