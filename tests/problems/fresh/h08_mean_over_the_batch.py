import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(6, 8)
        self.decide = nn.Linear(8, 1)

    def forward(self, tokens):
        pooled = torch.relu(self.encode(tokens)).mean(dim=0)
        return self.decide(pooled)


torch.manual_seed(8)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
tokens = torch.randn(16, 6)
scores = torch.randn(16, 1)
for step in range(6):
    opt.zero_grad()
    loss = ((net(tokens) - scores) ** 2).mean()
    loss.backward()
    opt.step()
