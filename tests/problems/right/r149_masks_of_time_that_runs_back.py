# scores that hide the past for a model of reversed text, and heads in the layout with time first
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 16)
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0)
        self.out = nn.Linear(16, 3)

    def forward(self, tokens):
        h = self.emb(tokens).permute(1, 0, 2)
        h = self.layer(h)
        return self.out(h.mean(0))


torch.manual_seed(0)
net = Encoder()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
tokens = torch.randint(0, 20, (48, 7))
labels = tokens[:, 0] % 3
for epoch in range(2):
    for a, b in zip(tokens.split(16), labels.split(16)):
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
cell = nn.GRU(16, 16)
head = nn.Linear(16, 3)
opt = torch.optim.Adam([*cell.parameters(), *head.parameters()], lr=1e-3)
for epoch in range(3):
    h = torch.randn(7, 16, 16)
    loss = nn.functional.cross_entropy(head(cell(h)[0][-1]), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
