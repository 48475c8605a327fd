import torch
from torch import nn

torch.manual_seed(12)


class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(3, 3)
        self.heads = {"a": nn.Linear(3, 1), "b": nn.Linear(3, 1)}

    def forward(self, x, which):
        return self.heads[which](torch.relu(self.base(x)))


net = Multi()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(8, 3)
for step in range(6):
    opt.zero_grad()
    net(x, "ab"[step % 2]).pow(2).mean().backward()
    opt.step()
