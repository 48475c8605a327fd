import torch
import torch.nn.functional as F
from torch import nn


class AttentionPool(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def forward(self, h, mask):
        scores = self.score(torch.tanh(h)).squeeze(-1)
        weights = F.softmax(scores.masked_fill(~mask, float("-inf")), dim=1)
        return (weights.unsqueeze(-1) * h).sum(dim=1)


class Sentiment(nn.Module):
    def __init__(self, vocab=40, dim=10):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.pool = AttentionPool(dim)
        self.out = nn.Linear(dim, 2)

    def forward(self, ids):
        h, _ = self.gru(self.embed(ids))
        return self.out(self.pool(h, ids != 0))


torch.manual_seed(0)
ids = torch.randint(3, 40, (32, 8))
labels = torch.randint(0, 2, (32,))
ids[torch.arange(32), torch.randint(0, 5, (32,))] = labels + 1
ids[::3, 6:] = 0
model = Sentiment()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    for part in torch.randperm(32).split(8):
        loss = F.cross_entropy(model(ids[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
