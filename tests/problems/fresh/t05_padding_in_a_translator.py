import torch
import torch.nn.functional as F
from torch import nn


class Decoder(nn.Module):
    def __init__(self, vocab, d):
        super().__init__()
        self.emb = nn.Embedding(vocab, d, padding_idx=1)
        self.rnn = nn.GRU(d, d)
        self.proj = nn.Linear(d, vocab)

    def forward(self, y):
        h, _ = self.rnn(self.emb(y))
        return self.proj(h)


torch.manual_seed(0)
y = torch.randint(2, 12, (7, 9))
for col, n in enumerate([7, 5, 6, 3, 7, 4, 5, 6, 3]):
    y[n:, col] = 1
dec = Decoder(12, 10)
opt = torch.optim.Adam(dec.parameters(), lr=1e-2)
for _ in range(4):
    y_in, y_out = y[:-1], y[1:]
    logits = dec(y_in)
    loss = F.cross_entropy(logits.permute(1, 2, 0), y_out.t())
    opt.zero_grad()
    loss.backward()
    opt.step()
