import torch
from torch import nn


class Sentiment(nn.Module):
    def __init__(self, vocab, emb=10, hid=14):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb)
        self.lstm = nn.LSTM(emb, hid, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hid, 1)

    def forward(self, ids):
        out, _ = self.lstm(self.emb(ids))
        return self.fc(out[:, -1, :]).squeeze(1)


torch.manual_seed(0)
ids = torch.randint(0, 30, (24, 7))
labels = (ids[:, 0] > 15).float()
model = Sentiment(30)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(5):
    optimizer.zero_grad()
    loss = loss_fn(model(ids), labels)
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
