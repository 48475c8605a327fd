import torch
from torch import nn


class CharModel(nn.Module):
    def __init__(self, vocab=12, size=10):
        super().__init__()
        self.embed = nn.Embedding(vocab, size)
        self.cell = nn.GRUCell(size, size)
        self.head = nn.Linear(size, vocab)
        self.memory = torch.zeros(4, size)

    def forward(self, tokens):
        outs = []
        for t in range(tokens.size(1)):
            self.memory = self.cell(self.embed(tokens[:, t]), self.memory)
            outs.append(self.head(self.memory))
        return torch.stack(outs, dim=1)


def train(model, text, chunk=5):
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    start = 0
    while start + chunk < text.size(1):
        inp = text[:, start : start + chunk]
        tgt = text[:, start + 1 : start + chunk + 1]
        scores = model(inp)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), tgt.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        print(start, loss.item())
        start += chunk


torch.manual_seed(0)
train(CharModel(), torch.randint(0, 12, (4, 31)))
