import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
V, D = 30, 8


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.center = nn.Embedding(V, D)
        self.context = nn.Embedding(V, D)

    def forward(self, c, pos, neg):
        v = self.center(c)
        up, un = self.context(pos), self.context(neg)
        good = F.logsigmoid((v * up).sum(-1))
        bad = F.logsigmoid((un @ v.unsqueeze(2)).squeeze(2)).sum(1)
        return -(good + bad).mean()


net = SkipGram()
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for step in range(15):
    c = torch.randint(0, V, (32,))
    pos = (c + 1) % V
    neg = torch.randint(0, V, (32, 4))
    loss = net(c, pos, neg)
    opt.zero_grad()
    loss.backward()
    opt.step()
