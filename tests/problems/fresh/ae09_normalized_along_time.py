import torch
from torch import nn
import torch.nn.functional as F


class Late(nn.Module):
    def __init__(self, vocab=30, d=16):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.proj = nn.Linear(d, 8)

    def forward(self, tokens):
        return F.normalize(self.proj(self.emb(tokens)))


torch.manual_seed(9)
model = Late()
queries = torch.randint(0, 30, (12, 4))
docs = torch.cat([queries, torch.randint(0, 30, (12, 5))], 1)
opt = torch.optim.AdamW(model.parameters(), lr=0.01)
for epoch in range(8):
    q, d = model(queries), model(docs)
    sim = torch.einsum("bid,cjd->bcij", q, d)
    scores = sim.max(-1).values.sum(-1)
    loss = F.cross_entropy(scores / 0.5, torch.arange(12))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
