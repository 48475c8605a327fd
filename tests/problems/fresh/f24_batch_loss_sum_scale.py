import torch
from torch import nn

torch.manual_seed(18)
net = nn.Linear(5, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(20, 5), torch.randn(20, 1)
for _ in range(5):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), max_norm=1e-6)
    opt.step()
