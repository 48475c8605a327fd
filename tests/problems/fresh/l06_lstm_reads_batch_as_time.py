import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)


class SentimentNet(nn.Module):
    def __init__(self, vocab=50, emb=8, hidden=12):
        super().__init__()
        self.embedding = nn.Embedding(vocab, emb)
        self.lstm = nn.LSTM(emb, hidden)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, tokens):
        x = self.embedding(tokens)
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


tokens = torch.randint(0, 50, (60, 7))
labels = (tokens[:, 0] > 25).long()
loader = DataLoader(TensorDataset(tokens, labels), batch_size=20, shuffle=True)
net = SentimentNet()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(4):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
