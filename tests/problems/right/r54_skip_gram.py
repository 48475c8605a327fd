import random

import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
text = "the cat sat on the mat and the dog sat on the rug".split()
vocab = sorted(set(text))
index = {w: i for i, w in enumerate(vocab)}
pairs = [(index[a], index[b]) for i, a in enumerate(text) for b in text[max(0, i - 2) : i] + text[i + 1 : i + 3]]


class SkipGram(nn.Module):
    def __init__(self, n, dim=6):
        super().__init__()
        self.inner, self.outer = nn.Embedding(n, dim), nn.Embedding(n, dim)
        nn.init.normal_(self.inner.weight, std=0.1)
        nn.init.normal_(self.outer.weight, std=0.1)

    def score(self, a, b):
        return (self.inner(a) * self.outer(b)).sum(-1)


model = SkipGram(len(vocab))
opt = torch.optim.Adagrad(model.parameters(), lr=0.2)
for epoch in range(4):
    random.shuffle(pairs)
    for k in range(0, len(pairs), 16):
        center, context = torch.tensor(pairs[k : k + 16]).T
        negative = torch.randint(len(vocab), (len(center), 3))
        good = nn.functional.logsigmoid(model.score(center, context))
        bad = nn.functional.logsigmoid(-model.score(center.unsqueeze(1), negative)).sum(1)
        loss = -(good + bad).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
