import torch
import torch.nn as nn

torch.manual_seed(0)
PAD = 0


class Tagger(nn.Module):
    def __init__(self, vocab=20, dim=8, tags=4):
        super().__init__()
        self.emb = nn.Embedding(vocab, dim, padding_idx=PAD)
        self.rnn = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, tags)

    def forward(self, ids):
        h, _ = self.rnn(self.emb(ids))
        return self.out(h)


model = Tagger()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
sentences = torch.tensor([[3, 5, 7, 0], [2, 9, 0, 0], [0, 0, 0, 0]])
tags = torch.tensor([[1, 2, 3, 0], [2, 1, 0, 0], [0, 0, 0, 0]])
for epoch in range(2):
    for ids, gold in zip(sentences.split(1), tags.split(1)):
        logits = model(ids)
        loss = criterion(logits.view(-1, 4), gold.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(epoch, loss.item())
