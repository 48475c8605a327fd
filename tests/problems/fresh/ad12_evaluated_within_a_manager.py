import torch
from torch import nn


class Quiet:
    def __init__(self, net):
        self.net = net

    def __enter__(self):
        self.net.eval()
        self.guard = torch.no_grad()
        self.guard.__enter__()
        return self.net

    def __exit__(self, *what):
        self.guard.__exit__(*what)


torch.manual_seed(5)
net = nn.Sequential(nn.Linear(5, 30), nn.ReLU(), nn.Dropout(0.4), nn.Linear(30, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x, y = torch.randn(64, 5), torch.randint(0, 2, (64,))
for epoch in range(5):
    for xb, yb in zip(x.chunk(4), y.chunk(4)):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    with Quiet(net) as quiet:
        print(epoch, (quiet(x).argmax(1) == y).float().mean().item())
