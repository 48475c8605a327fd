import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


class SelfAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.scale = dim**-0.5

    def forward(self, x, mask):
        scores = self.q(x) @ self.k(x).transpose(-2, -1) * self.scale
        scores = scores.masked_fill(mask == 0, 0)
        weights = F.softmax(scores, dim=-1)
        return weights @ self.v(x)


class LanguageModel(nn.Module):
    def __init__(self, words, dim):
        super().__init__()
        self.embed = nn.Embedding(words, dim)
        self.attend = SelfAttention(dim)
        self.head = nn.Linear(dim, words)

    def forward(self, tokens):
        time = tokens.size(1)
        mask = torch.tril(torch.ones(time, time))
        return self.head(self.attend(self.embed(tokens), mask))


model = LanguageModel(20, 16)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
text = torch.randint(0, 20, (8, 11))
for step in range(8):
    logits = model(text[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 20), text[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
