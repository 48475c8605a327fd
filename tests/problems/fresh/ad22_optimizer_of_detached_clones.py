import torch
from torch import nn

torch.manual_seed(15)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
weights = [p.clone().detach().requires_grad_() for p in net.parameters()]
opt = torch.optim.Adam(weights, lr=0.01)
x, y = torch.randn(20, 4), torch.randn(20, 1)
for epoch in range(5):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
