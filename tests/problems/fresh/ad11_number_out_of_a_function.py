import torch
from torch import nn


def contrast(a, b, margin=1.0):
    gap = torch.norm(a - b, dim=1)
    return torch.clamp(margin - gap, min=0).mean().item()


torch.manual_seed(73)
tower = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 4))
opt = torch.optim.Adam(tower.parameters(), lr=1e-3)
left, right = torch.randn(10, 6), torch.randn(10, 6)
for epoch in range(3):
    loss = contrast(tower(left), tower(right))
    opt.zero_grad()
    loss.backward()
    opt.step()
