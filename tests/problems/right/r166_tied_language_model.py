import torch
from torch import nn


def detach(state):
    return tuple(s.detach() for s in state)


class Lm(nn.Module):
    def __init__(self, vocab, width):
        super().__init__()
        self.emb = nn.Embedding(vocab, width)
        self.lstm = nn.LSTM(width, width, num_layers=2, batch_first=True, dropout=0.1)
        self.out = nn.Linear(width, vocab)
        self.out.weight = self.emb.weight

    def start(self, batch):
        z = torch.zeros(2, batch, self.emb.embedding_dim)
        return z, z.clone()

    def forward(self, x, state):
        y, state = self.lstm(self.emb(x), state)
        return self.out(y), state


torch.manual_seed(8)
data = (torch.arange(4 * 61) % 7).reshape(4, 61)
model = Lm(7, 16)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    state = model.start(4)
    for i in range(0, 60, 12):
        state = detach(state)
        logits, state = model(data[:, i : i + 12], state)
        loss = nn.functional.cross_entropy(logits.reshape(-1, 7), data[:, i + 1 : i + 13].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
    print(epoch, loss.item())
