import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(188)
body = nn.Conv2d(2, 6, 3, padding=1)
words = nn.Embedding(30, 6)
codes = nn.Parameter(torch.randn(20, 6) * 0.1)
mix = nn.Linear(6, 6)
opt = torch.optim.Adam([*body.parameters(), *words.parameters(), codes, *mix.parameters()], lr=0.01)
pictures = torch.randn(12, 2, 5, 5)
tokens = torch.randint(0, 30, (12, 4))
for step in range(8):
    a, b = F.normalize(body(pictures)).flatten(2), F.normalize(body(pictures.flip(3))).flatten(2)
    matches = a.transpose(1, 2) @ b
    q, d = F.normalize(words(tokens), dim=-1), F.normalize(mix(words(tokens)), dim=2)
    scores = torch.einsum("bid,cjd->bcij", q, d).max(-1).values.sum(-1)
    mixed = scores.softmax(-1) @ F.normalize(codes[:12], dim=0)
    weights = F.normalize(words(tokens), dim=1)
    pooled = (weights * mix(words(tokens))).sum(1)
    loss = F.cross_entropy(scores / 0.1, torch.arange(12)) + (1 - matches.amax(2)).mean() + (mixed - codes[:12]).pow(2).mean()
    loss = loss + 0.1 * (pooled - mixed).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
