import torch
import torch.nn.functional as F
from torch import nn


class AttentionPool(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def forward(self, h):
        weights = F.softmax(self.score(torch.tanh(h)), dim=-1)
        return (weights * h).sum(dim=1)


class Sentiment(nn.Module):
    def __init__(self, vocab=40, dim=10):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.pool = AttentionPool(dim)
        self.out = nn.Linear(dim, 2)

    def forward(self, ids):
        h, _ = self.gru(self.embed(ids))
        return self.out(self.pool(h))


torch.manual_seed(0)
ids = torch.randint(3, 40, (32, 7))
labels = torch.randint(0, 2, (32,))
ids[torch.arange(32), torch.randint(0, 7, (32,))] = labels + 1
model = Sentiment()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    for part in torch.randperm(32).split(8):
        logits = model(ids[part])
        loss = F.cross_entropy(logits, labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
