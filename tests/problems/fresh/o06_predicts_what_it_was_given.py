import torch
from torch import nn

torch.manual_seed(0)
corpus = "to be or not to be that is the question whether tis nobler in the mind to suffer "
chars = sorted(set(corpus))
stoi = {c: i for i, c in enumerate(chars)}
encoded = torch.tensor([stoi[c] for c in corpus])
T = 8


def get_batch(n=12):
    starts = torch.randint(0, len(encoded) - T - 1, (n,))
    x = torch.stack([encoded[s : s + T] for s in starts])
    y = torch.stack([encoded[s : s + T] for s in starts])
    return x, y


class LM(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.tok = nn.Embedding(n, d)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.head = nn.Linear(d, n)

    def forward(self, x):
        out, _ = self.rnn(self.tok(x))
        return self.head(out)


model = LM(len(chars))
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
for step in range(8):
    xb, yb = get_batch()
    logits = model(xb)
    loss = nn.functional.cross_entropy(logits.view(-1, len(chars)), yb.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
