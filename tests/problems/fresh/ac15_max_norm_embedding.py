import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(2)


class Recommender(nn.Module):
    def __init__(self, users, items, dim):
        super().__init__()
        self.users = nn.Embedding(users, dim)
        self.items = nn.Embedding(items, dim, max_norm=1.0)

    def forward(self, user, positive):
        u = self.users(user)
        all_scores = u @ self.items.weight.t()
        chosen = self.items(positive)
        own = (u * chosen).sum(1)
        return all_scores, own


model = Recommender(10, 30, 8)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
users = torch.randint(0, 10, (16,))
items = torch.randint(0, 30, (16,))

for epoch in range(3):
    optimizer.zero_grad()
    scores, own = model(users, items)
    loss = F.cross_entropy(scores, items) - 0.1 * own.mean()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
