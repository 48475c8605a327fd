import torch
from torch import nn


class MatrixFactorization(nn.Module):
    def __init__(self, users, items, dim=6):
        super().__init__()
        self.users = nn.Embedding(users, dim)
        self.items = nn.Embedding(items, dim)
        self.user_bias = nn.Embedding(users, 1)
        self.item_bias = nn.Embedding(items, 1)
        nn.init.normal_(self.users.weight, std=0.1)
        nn.init.normal_(self.items.weight, std=0.1)
        nn.init.zeros_(self.user_bias.weight)
        nn.init.zeros_(self.item_bias.weight)

    def forward(self, u, i):
        score = (self.users(u) * self.items(i)).sum(1)
        score = score + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1)
        return torch.sigmoid(score)


torch.manual_seed(0)
u = torch.randint(0, 15, (120,))
i = torch.randint(0, 10, (120,))
taste = torch.randn(15, 10)
ratings = (3 + taste[u, i]).round().clamp(1, 5)
model = MatrixFactorization(15, 10)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-5)
for epoch in range(4):
    total = 0.0
    for part in torch.randperm(120).split(30):
        loss = criterion(model(u[part], i[part]), ratings[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} rmse {(total / 4) ** 0.5:.3f}")
