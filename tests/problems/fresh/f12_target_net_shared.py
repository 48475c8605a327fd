import torch
from torch import nn

torch.manual_seed(8)
q = nn.Linear(3, 2)
target = q
opt = torch.optim.SGD(q.parameters(), lr=0.1)
for _ in range(4):
    s, s2, r = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5)
    goal = r + 0.9 * target(s2).max(1).values
    loss = (q(s)[:, 0] - goal).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
