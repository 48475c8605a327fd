import torch
from torch import nn

torch.manual_seed(11)
x = torch.randn(96, 6)
y = (x[:, :3].sum(1) > 0).long()
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, betas=(0.999, 0.9), weight_decay=1e-2)
for epoch in range(6):
    for rows in torch.randperm(96).split(16):
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
