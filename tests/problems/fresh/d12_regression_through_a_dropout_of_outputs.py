import torch
from torch import nn

torch.manual_seed(11)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1), nn.Dropout(0.5))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(50, 4)
y = x.sum(1, keepdim=True) + 5
for _ in range(8):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(round(loss.item(), 2))
