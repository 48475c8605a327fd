import copy

import torch
import torch.nn.functional as F
from torch import nn


class BYOL(nn.Module):
    def __init__(self):
        super().__init__()
        self.online = nn.Sequential(nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8))
        self.predictor = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
        self.target = copy.deepcopy(self.online)
        self.target.requires_grad_(False)
        self.target.eval()

    @torch.no_grad()
    def update(self, m=0.9):
        for t, o in zip(self.target.parameters(), self.online.parameters()):
            t.lerp_(o, 1 - m)

    def forward(self, a, b):
        p = F.normalize(self.predictor(self.online(a)), dim=-1)
        with torch.no_grad():
            t = F.normalize(self.target(b), dim=-1)
        return (2 - 2 * (p * t).sum(-1)).mean()


torch.manual_seed(0)
model = BYOL()
opt = torch.optim.Adam([*model.online.parameters(), *model.predictor.parameters()], lr=3e-3)
data = torch.randn(64, 10) * 4 + 1
for step in range(12):
    a, b = data + 0.1 * torch.randn_like(data), data + 0.1 * torch.randn_like(data)
    loss = model(a, b)
    opt.zero_grad()
    loss.backward()
    opt.step()
    model.update()
