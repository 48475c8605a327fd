import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)


class Seq(nn.Module):
    def __init__(s):
        super().__init__()
        s.g = nn.GRU(3, 8, batch_first=True)
        s.o = nn.Linear(8, 2)

    def forward(s, x):
        out, h = s.g(x)
        return s.o(out.mean(0))


X = torch.randn(32, 8, 3)
Y = (X[:, 0, 0] > 0).long()
m = Seq()
o = torch.optim.Adam(m.parameters(), 1e-2)
for _ in range(2):
    for xb, yb in zip(X.split(8), Y.split(8)):
        l = F.cross_entropy(m(xb), yb)
        o.zero_grad()
        l.backward()
        o.step()
