import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(8)


def collate(samples):
    sentences, labels = zip(*samples)
    lengths = torch.tensor([len(s) for s in sentences])
    tokens = nn.utils.rnn.pad_sequence(sentences, batch_first=True)
    return tokens, lengths, torch.tensor(labels)


class Reader(nn.Module):
    def __init__(self, words, dim=8, hidden=10):
        super().__init__()
        self.embed = nn.Embedding(words, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.query = nn.Linear(hidden, 1, bias=False)
        self.head = nn.Linear(3 * hidden, 2)

    def forward(self, tokens, lengths):
        keep = tokens != 0
        out, _ = self.gru(self.embed(tokens))
        rows = torch.arange(len(tokens))
        last = out[rows, lengths - 1]
        weights = keep.unsqueeze(-1).float()
        mean = (out * weights).sum(1) / weights.sum(1)
        scores = self.query(out).squeeze(-1).masked_fill(~keep, -1e9)
        pooled = (scores.softmax(1).unsqueeze(-1) * out).sum(1)
        return self.head(torch.cat([last, mean, pooled], dim=1))


def sentence():
    n = torch.randint(3, 10, ()).item()
    words = torch.randint(1, 20, (n,))
    return words, int((words > 10).float().mean() > 0.5)


train = [sentence() for _ in range(60)]
held_out = [sentence() for _ in range(20)]
loader = DataLoader(train, batch_size=12, shuffle=True, collate_fn=collate)
model = Reader(20)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
counts = torch.bincount(torch.tensor([label for _, label in train]), minlength=2).float()
criterion = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts), reduction="sum")

for epoch in range(4):
    model.train()
    total, seen = 0.0, 0
    for tokens, lengths, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(tokens, lengths), labels)
        (loss / len(labels)).backward()
        optimizer.step()
        total += loss.item()
        seen += len(labels)
    model.eval()
    tokens, lengths, labels = collate(held_out)
    with torch.no_grad():
        accuracy = (model(tokens, lengths).argmax(1) == labels).float().mean().item()
    print(epoch, round(total / seen, 4), accuracy)

per_sample = nn.CrossEntropyLoss(reduction="none")
losses = per_sample(model(tokens, lengths), labels)
hardest = losses.topk(3).indices.tolist()
print("hardest", hardest, "mean", (losses.sum() / len(losses)).item())
