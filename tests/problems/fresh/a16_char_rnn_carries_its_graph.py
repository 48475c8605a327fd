import torch
import torch.nn as nn

text = "the quick brown fox jumps over the lazy dog " * 4
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])


class CharRNN(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.hidden_size = hidden
        self.embed = nn.Embedding(vocab, hidden)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocab)
        self.state = None

    def forward(self, tokens):
        out, self.state = self.lstm(self.embed(tokens), self.state)
        return self.head(out)


torch.manual_seed(14)
model = CharRNN(len(chars), 16)
opt = torch.optim.Adam(model.parameters())
for start in range(0, 80, 20):
    chunk = ids[start : start + 21].unsqueeze(0)
    loss = nn.functional.cross_entropy(model(chunk[:, :-1]).flatten(0, 1), chunk[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
