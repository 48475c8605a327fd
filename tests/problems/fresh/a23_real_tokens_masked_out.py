import math

import torch
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.out = nn.Linear(dim, 2)

    def forward(self, tokens):
        mask = tokens != 0
        e = self.embed(tokens)
        scores = self.q(e) @ self.k(e).transpose(1, 2) / math.sqrt(e.size(-1))
        scores = scores.masked_fill(mask.unsqueeze(1), -1e9)
        mixed = torch.softmax(scores, dim=-1) @ self.v(e)
        return self.out(mixed[:, 0])


torch.manual_seed(21)
tokens = torch.randint(1, 20, (10, 6))
for row, length in enumerate([6, 4, 3, 5, 2, 4, 5, 3, 4, 2]):
    tokens[row, length:] = 0
labels = (tokens[:, 0] > 10).long()
model = SelfAttention(20, 8)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(6):
    loss = nn.functional.cross_entropy(model(tokens), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
