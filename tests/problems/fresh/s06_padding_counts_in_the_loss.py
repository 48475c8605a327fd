import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

PAD = 0
torch.manual_seed(0)
sentences = [torch.randint(1, 20, (int(n),)) for n in torch.randint(3, 12, (16,))]
batch = pad_sequence(sentences, batch_first=True, padding_value=PAD)
inputs, targets = batch[:, :-1], batch[:, 1:]


class LanguageModel(nn.Module):
    def __init__(self, vocab=20, d=16):
        super().__init__()
        self.emb = nn.Embedding(vocab, d, padding_idx=PAD)
        self.rnn = nn.LSTM(d, d, batch_first=True)
        self.head = nn.Linear(d, vocab)

    def forward(self, x):
        return self.head(self.rnn(self.emb(x))[0])


lm = LanguageModel()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(lm.parameters(), lr=5e-3)
for epoch in range(4):
    logits = lm(inputs)
    loss = criterion(logits.reshape(-1, 20), targets.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
