import torch
from torch import nn


class Pool(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.emb = nn.Embedding(30, d, padding_idx=0)
        self.score = nn.Linear(d, 1)
        self.out = nn.Linear(d, 2)

    def forward(self, words, lengths):
        valid = torch.arange(words.size(1)) < lengths.unsqueeze(1)
        h = self.emb(words)
        weight = self.score(h).squeeze(-1).masked_fill(~valid, float("-inf")).softmax(-1)
        return self.out((weight.unsqueeze(-1) * h).sum(1))


torch.manual_seed(8)
lengths = torch.randint(2, 8, (24,))
words = torch.randint(1, 30, (24, 7))
words[torch.arange(7) >= lengths.unsqueeze(1)] = 0
labels = (words == 3).any(1).long()
pool = Pool()
opt = torch.optim.AdamW(pool.parameters(), lr=0.02)
for epoch in range(10):
    for rows in torch.randperm(24).split(8):
        loss = nn.functional.cross_entropy(pool(words[rows], lengths[rows]), labels[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
print(loss.item())
