import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.b = nn.Linear(8, 1)

    def forward(self, x):
        return self.b(F.dropout(torch.relu(self.a(x)), 0.5))


net = Net()
x = torch.randn(4, 4)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    opt.zero_grad()
    net(x).pow(2).mean().backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(net(x).flatten())
    print(net(x).flatten())
