import math

import torch
from torch import nn


class Decoder(nn.Module):
    def __init__(self, v=15, d=16, t=8):
        super().__init__()
        self.tok = nn.Embedding(v, d)
        self.pos = nn.Parameter(torch.randn(t, d) * 0.02)
        self.q, self.k, self.v = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.head = nn.Linear(d, v)
        self.mask = torch.full((t, t), float("-inf")).tril(-1)

    def forward(self, x):
        h = self.tok(x) + self.pos
        scores = self.q(h) @ self.k(h).transpose(-2, -1) / math.sqrt(h.size(-1)) + self.mask
        return self.head(scores.softmax(-1) @ self.v(h))


torch.manual_seed(0)
dec = Decoder()
opt = torch.optim.Adam(dec.parameters(), lr=3e-3)
seqs = torch.randint(0, 15, (20, 9))
for _ in range(6):
    out = dec(seqs[:, :-1])
    loss = nn.functional.cross_entropy(out.flatten(0, 1), seqs[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
