import torch
from torch import nn


class Ratings(nn.Module):
    def __init__(self, users, items, low=1.0, high=5.0):
        super().__init__()
        self.users, self.items = nn.Embedding(users, 4), nn.Embedding(items, 4)
        nn.init.normal_(self.users.weight, std=0.3)
        nn.init.normal_(self.items.weight, std=0.3)
        self.low, self.high = low, high

    def forward(self, u, i):
        score = (self.users(u) * self.items(i)).sum(1)
        return self.low + (self.high - self.low) * torch.sigmoid(score)


torch.manual_seed(0)
x = torch.cat([torch.randn(40, 2) + 1.5, torch.randn(40, 2) - 1.5])
y = torch.cat([torch.ones(40), -torch.ones(40)])
svm = nn.Linear(2, 1)
optimizer = torch.optim.SGD(svm.parameters(), lr=0.05)
for epoch in range(3):
    for part in torch.randperm(80).split(20):
        margin = y[part] * svm(x[part]).squeeze(-1)
        loss = torch.clamp(1 - margin, min=0).mean() + 1e-3 * svm.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())

u, i = torch.randint(0, 15, (120,)), torch.randint(0, 10, (120,))
ratings = (3 + torch.randn(15, 10)[u, i]).round().clamp(1, 5)
model = Ratings(15, 10)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(3):
    for part in torch.randperm(120).split(30):
        loss = nn.functional.mse_loss(model(u[part], i[part]), ratings[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
