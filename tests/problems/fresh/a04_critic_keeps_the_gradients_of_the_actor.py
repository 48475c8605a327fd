import torch
from torch import nn, optim


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


torch.manual_seed(3)
G, D = mlp(2, 16, 2), mlp(2, 16, 1)
g_opt = optim.Adam(G.parameters(), lr=2e-3)
d_opt = optim.Adam(D.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()


def real_batch(n=32):
    return torch.randn(n, 2) * 0.3 + 1.0


def train_discriminator():
    real, fake = real_batch(), G(torch.randn(32, 2)).detach()
    loss = bce(D(real), torch.ones(32, 1)) + bce(D(fake), torch.zeros(32, 1))
    loss.backward()
    d_opt.step()
    return loss.item()


def train_generator():
    g_opt.zero_grad()
    loss = bce(D(G(torch.randn(32, 2))), torch.ones(32, 1))
    loss.backward()
    g_opt.step()
    return loss.item()


for i in range(8):
    print(round(train_discriminator(), 2), round(train_generator(), 2))
