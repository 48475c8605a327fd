import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(2, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, seq):
        ys = []
        for x in seq:
            h, c = self.cell(x)
            ys.append(self.out(h))
        return torch.stack(ys)


torch.manual_seed(0)
seq = torch.randn(6, 10, 2)
goal = seq.cumsum(0).sum(-1, keepdim=True)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for e in range(4):
    loss = nn.functional.mse_loss(net(seq), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
