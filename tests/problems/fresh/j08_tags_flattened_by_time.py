import torch, torch.nn as nn, torch.nn.functional as F


class Tagger(nn.Module):
    def __init__(s):
        super().__init__()
        s.e = nn.Embedding(20, 8)
        s.l = nn.LSTM(8, 8)
        s.o = nn.Linear(8, 4)

    def forward(s, x):
        h, _ = s.l(s.e(x.t()))
        return F.log_softmax(s.o(h), dim=-1)


torch.manual_seed(0)
m = Tagger()
opt = torch.optim.Adam(m.parameters(), 1e-2)
x = torch.randint(0, 20, (9, 5))
y = x % 4
for _ in range(5):
    out = m(x)
    loss = F.nll_loss(out.view(-1, 4), y.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
