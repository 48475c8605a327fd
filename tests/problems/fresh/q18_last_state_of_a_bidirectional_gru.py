import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, bidirectional=True)
        self.out = nn.Linear(10, 2)

    def forward(self, x):
        states, _ = self.gru(x)
        last = states[-1]
        return self.out(last)


torch.manual_seed(0)
x, y = torch.randn(6, 8, 3), torch.randint(2, (8,))
net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(3):
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
