import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(30, 8)
        self.rnn = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, words):
        states, _ = self.rnn(self.embed(words))
        return self.head(states)


torch.manual_seed(22)
words = torch.randint(0, 30, (12, 5))
tags = words % 5
tagger = Tagger()
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(tagger.parameters(), lr=1e-2)
for epoch in range(6):
    opt.zero_grad()
    loss = criterion(tagger(words), tags)
    loss.backward()
    opt.step()
    print(epoch, round(loss.item(), 2))
