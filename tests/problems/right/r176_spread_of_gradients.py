import torch
from torch import nn

torch.manual_seed(4)
net = nn.Sequential(nn.Linear(6, 10), nn.Softplus(), nn.Linear(10, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(30, 6), torch.randn(30, 1)
norms = []
for batch, want in zip(x.split(6), y.split(6)):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(batch), want)
    loss.backward()
    norms.append(torch.stack([p.grad.norm() for p in net.parameters()]).norm())
print("gradient noise", torch.stack(norms).std().item())
