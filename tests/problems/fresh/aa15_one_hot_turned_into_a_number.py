import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
VOCAB, DIM = 20, 12


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 6 * VOCAB))

    def forward(self, z):
        logits = self.net(z).view(-1, 6, VOCAB)
        return F.gumbel_softmax(logits, tau=0.7, hard=True)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, DIM)
        self.fc = nn.Linear(DIM, 1)

    def forward(self, onehot):
        tokens = onehot.argmax(dim=-1)
        return self.fc(self.emb(tokens).mean(1))


gen, reader = Generator(), Reader()
opt = torch.optim.Adam(list(gen.parameters()) + list(reader.parameters()), lr=1e-3)
for step in range(6):
    score = reader(gen(torch.randn(16, 8)))
    loss = F.softplus(-score).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
