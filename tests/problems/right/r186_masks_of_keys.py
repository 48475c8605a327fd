import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.qkv = nn.Linear(d, 3 * d)

    def forward(self, x, pad, both):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / q.size(-1) ** 0.5
        scores = scores.masked_fill(pad.unsqueeze(1), -1e9)
        if both:
            scores = scores.masked_fill(pad.unsqueeze(2), -1e9)
        return scores.softmax(-1) @ v


torch.manual_seed(186)
tokens = torch.randint(1, 25, (24, 7))
tokens[torch.arange(7) >= torch.randint(3, 8, (24, 1))] = 0
labels = (tokens == 5).any(1).long()
there = (tokens != 0).long()
emb, att, out = nn.Embedding(25, 8, padding_idx=0), Attention(), nn.Linear(8, 2)
opt = torch.optim.Adam([*emb.parameters(), *att.parameters(), *out.parameters()], lr=0.01)
for epoch in range(6):
    for rows in torch.randperm(24).split(8):
        pad = ~(tokens[rows] != 0)
        h = att(emb(tokens[rows]), pad, epoch % 2 == 1)
        weight = (1 - (1 - there[rows])).unsqueeze(2)
        pooled = (h * weight).sum(1) / weight.sum(1)
        loss = nn.functional.cross_entropy(out(pooled), labels[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
