import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(9)
x = torch.randn(60, 3)
y = (x.sum(1, keepdim=True) > 0).float()
model = nn.Sequential(nn.Linear(3, 10), nn.ReLU(), nn.Linear(10, 1))
squashed = nn.Sequential(nn.Linear(3, 10), nn.ReLU(), nn.Linear(10, 1), nn.Sigmoid())
level = nn.Linear(3, 1)
opt = torch.optim.Adam([*model.parameters(), *squashed.parameters(), *level.parameters()], lr=1e-2)
for epoch in range(5):
    logits, probabilities = model(x), squashed(x)
    loss = F.binary_cross_entropy_with_logits(logits, y) + F.binary_cross_entropy(probabilities, y) + F.mse_loss(level(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    hits = ((logits > 0) == y.bool()).float().mean()
    same = ((torch.sigmoid(logits) > 0.5) == y.bool()).float().mean()
    more = (probabilities > 0.5).float().eq(y).float().mean()
    least = ((level(x) > 0.5) == y.bool()).float().mean()
    print(hits.item(), same.item(), more.item(), least.item())
