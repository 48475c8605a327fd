import torch
from torch import nn

text = "the quick brown fox jumps over the lazy dog "
vocab = sorted(set(text))
ids = torch.tensor([vocab.index(c) for c in text])


class CharRNN(nn.Module):
    def __init__(self, n, hidden=20):
        super().__init__()
        self.embed = nn.Embedding(n, 8)
        self.rnn = nn.GRU(8, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n)

    def forward(self, tokens):
        logits = []
        for t in range(tokens.shape[1]):
            x = self.embed(tokens[:, t : t + 1])
            y, h = self.rnn(x)
            logits.append(self.out(y[:, 0]))
        return torch.stack(logits, dim=1)


torch.manual_seed(0)
model = CharRNN(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
windows = ids.unfold(0, 11, 11)
for epoch in range(4):
    logits = model(windows[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), windows[:, 1:])
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
