import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
noise = Normal(torch.tensor(0.0), torch.tensor(0.3))
net = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 6))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
clean = torch.randn(40, 2) @ torch.randn(2, 6)
for epoch in range(10):
    for rows in torch.randperm(40).split(10):
        dirty = clean[rows] + noise.sample((len(rows), 6))
        loss = nn.functional.mse_loss(net(dirty), clean[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
