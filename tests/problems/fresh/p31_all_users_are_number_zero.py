import torch
import torch.nn.functional as F
from torch import nn


class Recommender(nn.Module):
    def __init__(self, users, items, d=8):
        super().__init__()
        self.user = nn.Embedding(users, d)
        self.item = nn.Embedding(items, d)
        self.mlp = nn.Sequential(nn.Linear(2 * d, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, rows):
        user = self.user(rows[:, 0].long())
        item = self.item(rows[:, 1].long())
        return self.mlp(torch.cat([user, item], dim=1)).squeeze(1)


torch.manual_seed(0)
USERS, ITEMS = 20, 12
rows = torch.stack([torch.randint(0, USERS, (100,)), torch.randint(0, ITEMS, (100,))], dim=1).float()
taste = torch.randn(USERS, 3) @ torch.randn(3, ITEMS)
clicked = (taste[rows[:, 0].long(), rows[:, 1].long()] > 0).float()
rows = (rows - rows.min(0).values) / (rows.max(0).values - rows.min(0).values + 1e-6)

model = Recommender(USERS, ITEMS)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(4):
    total = 0.0
    for part in torch.randperm(100).split(25):
        loss = F.binary_cross_entropy_with_logits(model(rows[part]), clicked[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(epoch, total / 4)
