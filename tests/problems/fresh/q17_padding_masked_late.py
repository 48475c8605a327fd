import torch
from torch import nn

torch.manual_seed(0)
lens = torch.tensor([2, 4, 5])
mask = (torch.arange(5)[None] < lens[:, None]).float()
score, value = nn.Linear(6, 1), nn.Linear(6, 3)
opt = torch.optim.Adam([*score.parameters(), *value.parameters()], lr=0.01)
x, y = torch.randn(3, 5, 6), torch.tensor([0, 1, 2])
for _ in range(4):
    alpha = score(x).squeeze(-1).softmax(dim=1) * mask
    context = torch.bmm(alpha.unsqueeze(1), value(x)).squeeze(1)
    loss = nn.functional.cross_entropy(context, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
