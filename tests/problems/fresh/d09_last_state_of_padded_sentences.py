import torch
from torch import nn


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(30, 6, padding_idx=0)
        self.rnn = nn.LSTM(6, 6, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        out, _ = self.rnn(self.emb(x))
        return self.fc(out[:, -1])


torch.manual_seed(8)
x = torch.randint(1, 30, (16, 12))
for i in range(16):
    x[i, 2 + i % 5 :] = 0
y = (x[:, 0] > 15).long()
net = Sentiment()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(6):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
