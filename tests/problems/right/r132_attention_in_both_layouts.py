# multi-head attention with the batch first, with the time first, and as a pool over a set
import torch
from torch import nn

torch.manual_seed(0)


class First(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 16)
        self.attn = nn.MultiheadAttention(16, 2, batch_first=True)
        self.out = nn.Linear(16, 4)

    def forward(self, t):
        x = self.emb(t)
        return self.out(x + self.attn(x, x, x, need_weights=False)[0])


class TimeFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 16)
        self.attn = nn.MultiheadAttention(16, 2)
        self.out = nn.Linear(16, 4)

    def forward(self, t):
        x = self.emb(t).transpose(0, 1)
        a, _ = self.attn(x, x, x)
        return self.out((x + a).transpose(0, 1))


tokens = torch.randint(0, 20, (12, 7))
tags = tokens % 4
for cls in (First, TimeFirst):
    net = cls()
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(5):
        loss = nn.functional.cross_entropy(net(tokens).flatten(0, 1), tags.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
