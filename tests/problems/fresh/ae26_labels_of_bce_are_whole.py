import torch
from torch import nn

torch.manual_seed(26)
x = torch.randn(32, 4)
labels = (x[:, 0] > 0).long()
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    loss = criterion(net(x).squeeze(1), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
