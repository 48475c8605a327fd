import torch
from torch import nn

torch.manual_seed(0)
a, b = torch.randn(60, 6), torch.randn(60, 6)
better = (a.sum(1) > b.sum(1)).float()
score = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.MarginRankingLoss(margin=0.5)
opt = torch.optim.Adam(score.parameters(), lr=1e-2)
for epoch in range(6):
    loss = criterion(score(a).squeeze(1), score(b).squeeze(1), better)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
