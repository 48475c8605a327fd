import math

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, d, p=0.2):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.drop = nn.Dropout(p)
        self.norm = nn.LayerNorm(d)

    def forward(self, x, mask=None, past=None):
        scores = self.q(x) @ self.k(x).transpose(1, 2) / math.sqrt(x.shape[-1])
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, :], float("-inf"))
        weights = self.drop(F.softmax(scores, dim=-1))
        mixed = weights @ self.v(x)
        if mask is not None:
            mixed = mixed * mask[:, :, None]
        return self.norm(x + mixed)


class Tagger(nn.Module):
    def __init__(self, vocab, d, tags):
        super().__init__()
        self.embed = nn.Embedding(vocab, d, padding_idx=0)
        self.blocks = nn.ModuleList([Block(d) for _ in range(2)])
        self.head = nn.Linear(d, tags)

    def forward(self, ids):
        mask = ids != 0
        h = self.embed(ids)
        for block in self.blocks:
            h = block(h, mask)
        h = F.relu(h)
        return self.head(h)


torch.manual_seed(0)
lengths = torch.randint(3, 9, (16,))
ids = torch.randint(1, 25, (16, 8)) * (torch.arange(8) < lengths[:, None])
tags = torch.where(ids == 0, -100, ids % 3)
net = Tagger(25, 12, 3)
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
for epoch in range(5):
    net.train()
    opt.zero_grad()
    loss = F.cross_entropy(net(ids).transpose(1, 2), tags)
    loss.backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(loss.item(), (net(ids).argmax(-1) == tags)[ids != 0].float().mean().item())
