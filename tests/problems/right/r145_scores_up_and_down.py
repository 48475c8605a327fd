# word vectors with negatives that are pushed down, a ranking of pairs, and preferences of two answers
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
V, D = 24, 8
center, context = nn.Embedding(V, D), nn.Embedding(V, D)
opt = torch.optim.Adam([*center.parameters(), *context.parameters()], lr=0.02)
for step in range(8):
    c = torch.randint(0, V, (32,))
    pos, neg = (c + 1) % V, torch.randint(0, V, (32, 3))
    v = center(c)
    good = F.logsigmoid((v * context(pos)).sum(-1))
    bad = F.logsigmoid(-(context(neg) * v[:, None]).sum(-1)).sum(1)
    loss = -(good + bad).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
reward = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(reward.parameters(), lr=1e-2)
for step in range(6):
    chosen, rejected = torch.randn(20, 6) + 0.5, torch.randn(20, 6) - 0.5
    margin = reward(chosen) - reward(rejected)
    loss = -F.logsigmoid(margin).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
