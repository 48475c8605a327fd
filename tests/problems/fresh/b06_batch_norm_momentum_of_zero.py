import torch
from torch import nn

torch.manual_seed(5)
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8, momentum=0.0), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(40, 4) * 5 + 3, torch.randint(0, 2, (40,))
for epoch in range(8):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
net.eval()
with torch.no_grad():
    print(loss.item(), nn.functional.cross_entropy(net(x), y).item())
