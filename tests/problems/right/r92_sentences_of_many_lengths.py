import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 6, padding_idx=0)
        self.rnn = nn.GRU(6, 6, batch_first=True)
        self.head = nn.Linear(6, 2)

    def forward(self, x, lengths):
        out, _ = self.rnn(self.emb(x))
        return self.head(out[torch.arange(len(x)), lengths - 1])


class Conditional(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(8, 2), nn.Linear(4, 6)

    def forward(self, x, label):
        z = self.enc(torch.cat([x, label], dim=1))
        return self.dec(torch.cat([z, label], dim=1))


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.rnn, self.out = nn.Embedding(20, 6), nn.GRU(6, 6, batch_first=True), nn.Linear(6, 20)

    def forward(self, state, words):
        h, _ = self.rnn(self.emb(words), state)
        return self.out(h)


torch.manual_seed(1)
x = torch.randint(1, 20, (12, 8))
lengths = torch.tensor([2, 3, 5, 8, 4, 3, 2, 6, 3, 4, 5, 2])
for row, length in enumerate(lengths):
    x[row, length:] = 0
y = (x[:, 0] > 9).long()
reader, auto, writer = Reader(), Conditional(), Writer()
opt = torch.optim.Adam([*reader.parameters(), *auto.parameters(), *writer.parameters()], lr=1e-2)
features, label = torch.randn(12, 6), nn.functional.one_hot(y, 2).float()
words = torch.randint(0, 20, (12, 6))
for _ in range(6):
    logits = reader(x, lengths)
    loss = nn.functional.cross_entropy(logits, y) + nn.functional.mse_loss(auto(features, label), features)
    written = writer(torch.zeros(1, 12, 6), words[:, :-1])
    loss = loss + nn.functional.cross_entropy(written.reshape(-1, 20), words[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
