import torch
from torch import nn


class Spam(nn.Module):
    def __init__(self, vocab=50, d=8):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, d, mode="mean")
        self.out = nn.Linear(d, 1)

    def forward(self, ids):
        return self.out(self.bag(ids)).squeeze(1)


torch.manual_seed(0)
ids = torch.randint(5, 50, (60, 9))
spam = torch.rand(60) < 0.5
ids[spam, :2] = torch.randint(0, 5, (int(spam.sum()), 2))
labels = torch.where(spam, torch.tensor(1.0), torch.tensor(-1.0))
model = Spam()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(5):
    total = 0.0
    for part in torch.randperm(60).split(15):
        scores = model(ids[part])
        loss = criterion(scores, labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        accuracy = ((model(ids) > 0) == spam).float().mean().item()
    print(epoch, round(total / 4, 3), accuracy)
