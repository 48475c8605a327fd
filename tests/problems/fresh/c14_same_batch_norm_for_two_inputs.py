import torch
from torch import nn

torch.manual_seed(13)
f = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(f.parameters(), lr=1e-2)
x = torch.rand(40, 4)
y = x.sum(1)
for epoch in range(10):
    pred = f(x).squeeze()
    loss = torch.sqrt(torch.mean(pred - y) ** 2)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(round(loss.item(), 2), round((pred - y).abs().mean().item(), 2))
