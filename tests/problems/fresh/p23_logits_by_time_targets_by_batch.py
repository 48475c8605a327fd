import torch
from torch import nn


class CharRNN(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab, hidden)
        self.rnn = nn.GRU(hidden, hidden)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, ids):
        x = self.embed(ids).transpose(0, 1)
        h, _ = self.rnn(x)
        return self.out(h)


torch.manual_seed(0)
text = "hello world, hello hills, hello hello old world"
chars = sorted(set(text))
to_id = {c: i for i, c in enumerate(chars)}
ids = torch.tensor([to_id[c] for c in text])
SEQ = 6
starts = list(range(0, len(ids) - SEQ - 1, 3))
x = torch.stack([ids[s : s + SEQ] for s in starts])
y = torch.stack([ids[s + 1 : s + SEQ + 1] for s in starts])
model = CharRNN(len(chars), 16)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    total = 0.0
    for inputs, targets in zip(x.split(5), y.split(5)):
        logits = model(inputs)
        loss = criterion(logits.reshape(-1, len(chars)), targets.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    print(epoch, total)
