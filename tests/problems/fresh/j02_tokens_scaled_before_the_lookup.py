# tokens were scaled to 0..1 and are looked up
import torch
from torch import nn
import torch.nn.functional as F


class M(nn.Module):
    def __init__(s):
        super().__init__()
        s.e = nn.Embedding(100, 8)
        s.o = nn.Linear(8, 2)

    def forward(s, t):
        return s.o(s.e(t).mean(1))


torch.manual_seed(0)
raw = torch.randint(0, 100, (40, 6)).float()
tokens = (raw / 100).to(torch.int64)
y = (raw[:, 0] > 50).long()
m = M()
opt = torch.optim.Adam(m.parameters(), 1e-2)
for i in range(6):
    opt.zero_grad()
    loss = F.cross_entropy(m(tokens), y)
    loss.backward()
    opt.step()
