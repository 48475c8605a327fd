import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(189)
vocab = 15
corpus = (torch.randint(0, vocab, (24, 1)) + torch.arange(9)) % vocab
stream = torch.arange(200).remainder(vocab).view(4, 50).t().contiguous()


class Model(nn.Module):
    def __init__(self, batch_first):
        super().__init__()
        self.emb, self.rnn = nn.Embedding(vocab, 12), nn.GRU(12, 12, batch_first=batch_first)
        self.out = nn.Linear(12, vocab)

    def forward(self, tokens):
        return self.out(self.rnn(self.emb(tokens))[0])


rows, times = Model(True), Model(False)
opt = torch.optim.Adam([*rows.parameters(), *times.parameters()], lr=0.01)
for epoch in range(4):
    for batch in corpus[torch.randperm(24)].split(8):
        loss = F.cross_entropy(rows(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    for i in range(0, 40, 10):
        chunk = stream[i : i + 11]
        logits, targets = times(chunk[:-1]), chunk[1:]
        loss = F.cross_entropy(logits.reshape(-1, vocab), targets.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
