import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
T, V, D = 12, 11, 16


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D)
        self.pos = nn.Embedding(T, D)
        self.qkv = nn.Linear(D, 3 * D)
        self.out = nn.Linear(D, V)
        self.register_buffer("mask", torch.triu(torch.ones(T, T)))

    def forward(self, idx):
        h = self.emb(idx) + self.pos(torch.arange(idx.size(1)))
        q, k, v = self.qkv(h).chunk(3, -1)
        att = q @ k.transpose(1, 2) / D**0.5
        att = att.masked_fill(self.mask == 0, float("-inf"))
        return self.out(att.softmax(-1) @ v)


net = Head()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
tokens = torch.randint(0, V, (16, T + 1))
for step in range(10):
    logits = net(tokens[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, V), tokens[:, 1:].reshape(-1))
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    print(step, loss.item())
