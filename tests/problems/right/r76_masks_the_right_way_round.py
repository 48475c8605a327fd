import math

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, vocab, d):
        super().__init__()
        self.embed = nn.Embedding(vocab, d, padding_idx=0)
        self.qkv = nn.Linear(d, 3 * d)
        self.other = nn.MultiheadAttention(d, 2, batch_first=True)
        self.out = nn.Linear(d, vocab)

    def forward(self, tokens):
        e = self.embed(tokens)
        q, k, v = self.qkv(e).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        t = tokens.size(1)
        causal = torch.tril(torch.ones(t, t))
        real = tokens != 0
        scores = scores.masked_fill(causal == 0, float("-inf"))
        scores = scores.masked_fill(~real.unsqueeze(1), -1e9)
        h = scores.softmax(-1) @ v
        h = h.masked_fill(~real.unsqueeze(-1), 0.0)
        h, _ = self.other(h, h, h, key_padding_mask=tokens == 0, attn_mask=torch.triu(torch.ones(t, t, dtype=torch.bool), 1))
        return self.out(h)


torch.manual_seed(5)
tokens = torch.randint(1, 12, (6, 7))
tokens[1, 5:] = 0
tokens[4, 3:] = 0
model = Layer(12, 8)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(5):
    logits = model(tokens[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], ignore_index=0)
    opt.zero_grad()
    loss.backward()
    opt.step()
