# index 0 is the padding, of the embedding and of the loss
import torch
from torch import nn

torch.manual_seed(0)
sentences = ["a b c d", "b c", "c d e", "e a"]
vocab = {"<pad>": 0}
for s in sentences:
    for w in s.split():
        vocab.setdefault(w, len(vocab))
rows = [[vocab[w] for w in s.split()] for s in sentences]
longest = max(map(len, rows))
ids = torch.tensor([r + [0] * (longest - len(r)) for r in rows])


class Lm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), 12, padding_idx=0)
        self.rnn = nn.GRU(12, 16, batch_first=True)
        self.out = nn.Linear(16, len(vocab))

    def forward(self, t):
        return self.out(self.rnn(self.embed(t))[0])


lm = Lm()
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
crit = nn.CrossEntropyLoss(ignore_index=0)
for epoch in range(10):
    logits = lm(ids[:, :-1])
    loss = crit(logits.flatten(0, 1), ids[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
