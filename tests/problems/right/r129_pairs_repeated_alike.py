# all pairs of two sets by repeat and repeat_interleave on purpose, and beams that are repeated in the same order
import torch
from torch import nn

torch.manual_seed(0)
K = 3
left, right = torch.randn(6, 4), torch.randn(5, 4)
score = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(score.parameters(), lr=1e-2)
gold = (left @ right.T > 0).float()
for step in range(6):
    pairs = torch.cat([left.repeat_interleave(5, dim=0), right.repeat(6, 1)], dim=1)
    logits = score(pairs).view(6, 5)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, gold)
    opt.zero_grad()
    loss.backward()
    opt.step()
head = nn.Linear(4, 4)
opt2 = torch.optim.Adam(head.parameters(), lr=1e-2)
for step in range(4):
    sources = left.repeat_interleave(K, 0) + 0.1 * torch.randn(6 * K, 4)
    goals = left.repeat_interleave(K, 0)
    loss = (head(sources) - goals).pow(2).mean()
    opt2.zero_grad()
    loss.backward()
    opt2.step()
    print(step, loss.reshape(1).view(()).item())
