import math

import torch
from torch import nn


class CausalSelfAttention(nn.Module):
    def __init__(self, d, heads, length):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.register_buffer("mask", torch.tril(torch.ones(length, length)))

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = (t.view(B, T, self.heads, D // self.heads).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1))
        att = (q @ k.transpose(-2, -1)) / math.sqrt(D // self.heads)
        att = att.softmax(dim=-1)
        att = att.masked_fill(self.mask[:T, :T] == 0, 0.0)
        y = (att @ v).transpose(1, 2).reshape(B, T, D)
        return self.proj(y)


torch.manual_seed(0)
T, D, V = 6, 16, 11
tokens = torch.randint(0, V, (8, T + 1))
embed, attend, head = nn.Embedding(V, D), CausalSelfAttention(D, 2, T), nn.Linear(D, V)
params = [p for m in (embed, attend, head) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=3e-3)
for step in range(6):
    logits = head(attend(embed(tokens[:, :-1])))
    loss = nn.functional.cross_entropy(logits.reshape(-1, V), tokens[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
