# the future is hidden: by tril, by triu with a diagonal of one, and by an additive mask
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
T, V, D = 7, 9, 12


class Block(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.qkv = nn.Linear(D, 3 * D)
        self.register_buffer("low", torch.tril(torch.ones(T, T)))
        self.register_buffer("high", torch.triu(torch.ones(T, T), diagonal=1).bool())

    def forward(self, h):
        q, k, v = self.qkv(h).chunk(3, -1)
        att = q @ k.mT / D**0.5
        if self.kind == 0:
            att = att.masked_fill(self.low == 0, float("-inf"))
        elif self.kind == 1:
            att = att.masked_fill(self.high, -1e9)
        else:
            att = att + torch.zeros(T, T).masked_fill(self.high, float("-inf"))
        return h + att.softmax(-1) @ v


emb, pos = nn.Embedding(V, D), nn.Parameter(0.1 * torch.randn(T, D))
blocks = nn.ModuleList(Block(k) for k in range(3))
head = nn.Linear(D, V)
opt = torch.optim.Adam([*emb.parameters(), pos, *blocks.parameters(), *head.parameters()], lr=1e-2)
tokens = torch.randint(0, V, (10, T + 1))
for step in range(6):
    h = emb(tokens[:, :-1]) + pos
    for block in blocks:
        h = block(h)
    loss = F.cross_entropy(head(h).flatten(0, 1), tokens[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
