import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.qkv = nn.Linear(d, 3 * d)

    def forward(self, x, pad):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / q.size(-1) ** 0.5
        scores = scores.masked_fill(pad.unsqueeze(2), -1e9)
        return scores.softmax(-1) @ v


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(25, 8, padding_idx=0)
        self.att = Attention()
        self.out = nn.Linear(8, 2)

    def forward(self, tokens):
        pad = tokens == 0
        h = self.att(self.emb(tokens), pad)
        h = h.masked_fill(pad.unsqueeze(2), 0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.out(h)


torch.manual_seed(17)
tokens = torch.randint(1, 25, (24, 7))
lengths = torch.randint(3, 8, (24,))
tokens[torch.arange(7) >= lengths.unsqueeze(1)] = 0
labels = (tokens == 5).any(1).long()
model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for rows in torch.randperm(24).split(8):
        loss = nn.functional.cross_entropy(model(tokens[rows]), labels[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
