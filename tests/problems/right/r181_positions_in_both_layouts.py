import torch
from torch import nn
import torch.nn.functional as F


def table(n, d):
    at = torch.arange(n).unsqueeze(1) / 100 ** (torch.arange(0, d, 2) / d)
    return torch.stack([at.sin(), at.cos()], -1).flatten(1)


class BatchFirst(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.emb, self.place = nn.Embedding(20, d), nn.Embedding(30, d)
        self.layer = nn.TransformerEncoderLayer(d, 2, 16, dropout=0.0, batch_first=True)
        self.register_buffer("pe", table(30, d).unsqueeze(0))
        self.out = nn.Linear(d, 2)

    def forward(self, tokens):
        h = self.emb(tokens) + self.pe[:, : tokens.size(1)] + self.place(torch.arange(tokens.size(1)))
        return self.out(self.layer(h).mean(1))


class TimeFirst(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.emb = nn.Embedding(20, d)
        self.layer = nn.TransformerEncoderLayer(d, 2, 16, dropout=0.0)
        self.register_buffer("pe", table(30, d).unsqueeze(1))
        self.out = nn.Linear(d, 2)

    def forward(self, tokens):
        h = self.emb(tokens.t())
        h = h + self.pe[: h.size(0)]
        return self.out(self.layer(h).mean(0))


torch.manual_seed(181)
tokens = torch.randint(0, 20, (24, 6))
labels = (tokens[:, 0] > tokens[:, 1]).long()
for model in (BatchFirst(), TimeFirst()):
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(5):
        for rows in torch.randperm(24).split(8):
            loss = F.cross_entropy(model(tokens[rows]), labels[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print(loss.item())
