import torch
from torch import nn

torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
disc = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
opt_g = torch.optim.Adam(gen.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(disc.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()


def set_requires_grad(net, flag):
    for p in net.parameters():
        p.requires_grad = flag


for step in range(6):
    real = torch.randn(32, 2) * 0.2 + torch.tensor([1.0, -1.0])
    fake = gen(torch.randn(32, 2))
    # generator
    set_requires_grad(disc, False)
    opt_g.zero_grad()
    loss_g = bce(disc(fake), torch.ones(32, 1))
    loss_g.backward()
    opt_g.step()
    # discriminator
    opt_d.zero_grad()
    loss_d = bce(disc(real), torch.ones(32, 1)) + bce(disc(fake.detach()), torch.zeros(32, 1))
    loss_d.backward()
    opt_d.step()
    print(step, loss_g.item(), loss_d.item())
