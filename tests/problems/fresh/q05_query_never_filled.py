import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query = nn.Parameter(torch.FloatTensor(d))
        self.value = nn.Linear(d, 1)

    def forward(self, x):
        w = torch.softmax(x @ self.query, dim=1)
        return self.value((w.unsqueeze(2) * x).sum(dim=1))


torch.manual_seed(0)
net = Attention(6)
opt = torch.optim.Adam(net.parameters())
x = torch.randn(10, 5, 6)
for _ in range(4):
    loss = net(x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
