import torch
from torch import nn

torch.manual_seed(9)
critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(critic.parameters(), lr=1e-3)
for _ in range(3):
    x = torch.randn(8, 2, requires_grad=True)
    score = critic(x)
    (slope,) = torch.autograd.grad(score.sum(), x, retain_graph=True)
    penalty = (slope.norm(dim=1) - 1).pow(2).mean()
    loss = score.mean() + 10 * penalty
    opt.zero_grad()
    loss.backward()
    opt.step()
