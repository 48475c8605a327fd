import copy
import torch
from torch import nn
import torch.nn.functional as F


class Ema:
    def __init__(self, model, decay):
        self.shadow = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model):
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            s.mul_(self.decay).add_(p, alpha=1 - self.decay)


def byol(p, z):
    p = F.normalize(p, dim=-1)
    z = F.normalize(z, dim=-1)
    return 2 - 2 * (p * z).sum(dim=-1)


torch.manual_seed(5)
encoder = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8))
predictor = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
ema = Ema(encoder, 0.99)
opt = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.05, momentum=0.9)
x = torch.randn(64, 8)
for step in range(15):
    a = x + 0.1 * torch.randn_like(x)
    b = x + 0.1 * torch.randn_like(x)
    with torch.no_grad():
        za, zb = ema.shadow(a), ema.shadow(b)
    loss = (byol(predictor(encoder(a)), zb) + byol(predictor(encoder(b)), za)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    ema.update(encoder)
    print(step, loss.item())
