import torch
from torch import nn


class LanguageModel(nn.Module):
    def __init__(self, vocab=15, d=12):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, vocab)

    def forward(self, tokens):
        h, _ = self.rnn(self.emb(tokens))
        return self.out(h)


torch.manual_seed(21)
start = torch.randint(0, 15, (32, 1))
corpus = (start + torch.arange(9)) % 15
model = LanguageModel()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for batch in corpus[torch.randperm(32)].split(8):
        inputs, targets = batch[:-1], batch[1:]
        logits = model(inputs)
        loss = nn.functional.cross_entropy(logits.reshape(-1, 15), targets.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
