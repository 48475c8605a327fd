import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(64, 2)
y = x.sum(dim=1) * 0.5
for step in range(150):
    opt.zero_grad()
    mu, log_sigma = net(x).unbind(1)
    loss = (log_sigma + 0.5 * ((y - mu) / log_sigma.exp()) ** 2).mean()
    loss.backward()
    opt.step()
print(loss.item())
