import torch
import torch.nn as nn

torch.manual_seed(3)


def block(n_in, n_out, act):
    return nn.Sequential(nn.Linear(n_in, 24), nn.LeakyReLU(0.2), nn.Linear(24, n_out), act)


G = block(4, 2, nn.Identity())
D = block(2, 1, nn.Sigmoid())
opt_G = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
opt_D = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
bce = nn.BCELoss()
ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)

for it in range(12):
    opt_G.zero_grad()
    opt_D.zero_grad()
    real = torch.randn(32, 2) * 0.3 + 1.0
    fake = G(torch.randn(32, 4))

    loss_D = bce(D(real), ones) + bce(D(fake), zeros)
    loss_D.backward(retain_graph=True)
    opt_D.step()

    loss_G = bce(D(fake), ones)
    loss_G.backward()
    opt_G.step()
    if it % 4 == 0:
        print(it, loss_D.item(), loss_G.item())
