import torch
from torch import nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4, eps=1e-3, momentum=0.99)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        return self.fc(x.mean((2, 3)))


torch.manual_seed(12)
x = torch.randn(40, 1, 6, 6)
y = (x.mean((1, 2, 3)) > 0).long()
net = ConvNet()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(4):
    net.train()
    for i in range(0, 32, 8):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i : i + 8]), y[i : i + 8])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (net(x[32:]).argmax(1) == y[32:]).float().mean().item())
