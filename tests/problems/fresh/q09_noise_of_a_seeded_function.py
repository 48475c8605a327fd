import numpy as np
import torch
from torch import nn

torch.manual_seed(0)


def sample_noise(n):
    np.random.seed(123)
    return torch.from_numpy(np.random.randn(n, 4).astype("float32"))


G = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
og, od = (torch.optim.Adam(n.parameters(), lr=1e-3) for n in (G, D))
bce = nn.BCEWithLogitsLoss()
for it in range(6):
    real = torch.randn(20, 2) + 2
    fake = G(sample_noise(20))
    od.zero_grad()
    (bce(D(real), torch.ones(20, 1)) + bce(D(fake.detach()), torch.zeros(20, 1))).backward()
    od.step()
    og.zero_grad()
    bce(D(fake), torch.ones(20, 1)).backward()
    og.step()
