import torch, torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)
net = nn.Linear(3, 1)
o = torch.optim.SGD(net.parameters(), lr=0.01)
s = LambdaLR(o, lambda epoch: 0.01 * 0.95**epoch)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for _ in range(8):
    l = nn.functional.mse_loss(net(x), y)
    o.zero_grad()
    l.backward()
    o.step()
    s.step()
