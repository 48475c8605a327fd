import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(8)
left, right = nn.Linear(6, 4), nn.Linear(5, 4)
opt = torch.optim.Adam([*left.parameters(), *right.parameters()], lr=1e-2)
a, b = torch.randn(16, 6), torch.randn(16, 5)
for _ in range(6):
    sim = F.cosine_similarity(left(a), right(b), dim=0)
    loss = (1 - sim).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
