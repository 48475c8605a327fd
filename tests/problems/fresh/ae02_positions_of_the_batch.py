import math

import torch
from torch import nn


class PositionalEncoding(nn.Module):
    def __init__(self, d, max_len=50):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        pe = torch.zeros(max_len, 1, d)
        pe[:, 0, 0::2] = torch.sin(position * div)
        pe[:, 0, 1::2] = torch.cos(position * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[: x.size(0)]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 8)
        self.pos = PositionalEncoding(8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens):
        return self.head(self.encoder(self.pos(self.emb(tokens))))


torch.manual_seed(0)
tokens = torch.randint(0, 20, (16, 7))
tags = torch.arange(7).remainder(3).expand(16, 7)
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    for rows in torch.randperm(16).split(8):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(tokens[rows]).flatten(0, 1), tags[rows].flatten())
        loss.backward()
        opt.step()
    print(epoch, loss.item())
