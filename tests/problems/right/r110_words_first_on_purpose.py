# words first on purpose: the batch is turned before
import torch
from torch import nn

torch.manual_seed(0)
ids = torch.randint(0, 30, (40, 8))
y = (ids[:, 0] > 15).long()
emb, out = nn.Embedding(30, 6), nn.Linear(6, 2)
opt = torch.optim.Adam([*emb.parameters(), *out.parameters()], lr=1e-2)
for epoch in range(2):
    for chosen in torch.randperm(40).split(8):
        words = ids[chosen].t()
        loss = nn.functional.cross_entropy(out(emb(words).mean(0)), y[chosen])
        opt.zero_grad()
        loss.backward()
        opt.step()
