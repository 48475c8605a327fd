import torch
from torch import nn


class BagOfWords(nn.Module):
    """Averages the vectors of the words, then classifies."""

    def __init__(self, vocab, dim, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocab, dim)
        self.hidden = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, classes)

    def forward(self, tokens):
        vectors = self.embedding(tokens)
        pooled = vectors.mean(dim=0)
        return self.out(torch.tanh(self.hidden(pooled)))


torch.manual_seed(1)
VOCAB, LENGTH, BATCH = 30, 10, 10
sentences = torch.randint(2, VOCAB, (40, LENGTH))
labels = torch.randint(0, 2, (40,))
sentences[labels == 1, :3] = 1

model = BagOfWords(VOCAB, 12, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(4):
    order = torch.randperm(40)
    total, correct = 0.0, 0
    for start in range(0, 40, BATCH):
        chosen = order[start : start + BATCH]
        logits = model(sentences[chosen])
        loss = loss_fn(logits, labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        correct += (logits.argmax(1) == labels[chosen]).sum().item()
    print(f"epoch {epoch}: loss {total / 4:.3f}, accuracy {correct / 40:.2f}")
