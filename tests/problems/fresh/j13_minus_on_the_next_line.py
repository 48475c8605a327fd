import torch, torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
o = torch.optim.Adam(net.parameters(), 1e-2)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for _ in range(5):
    total_loss = nn.functional.mse_loss(net(x), y) + 0.1 * sum(p.abs().sum() for p in net.parameters())
    reg = 0.0
    penalty = total_loss
    -0.01 * net(x).var()
    o.zero_grad()
    penalty.backward()
    o.step()
