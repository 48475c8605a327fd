import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class MomentumUpdater:
    def __init__(self, tau):
        self.tau = tau

    @torch.no_grad()
    def update(self, online_net, momentum_net):
        for op, mp in zip(online_net.parameters(), momentum_net.parameters()):
            mp.data.mul_(self.tau)
            mp.data.add_(op.data * (1 - self.tau))


student = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
teacher = copy.deepcopy(student)
for p in teacher.parameters():
    p.requires_grad_(False)
teacher.eval()
updater = MomentumUpdater(0.9)
optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
x = 3 * torch.randn(64, 6) + 2
y = (x.sum(1) > 12).long()
for it in range(12):
    weak = x + 0.01 * torch.randn_like(x)
    strong = x + 0.3 * torch.randn_like(x)
    with torch.no_grad():
        pseudo = teacher(weak).softmax(1)
    logits = student(strong)
    loss = F.cross_entropy(logits, y) + F.cross_entropy(logits, pseudo)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    updater.update(student, teacher)
