import torch, torch.nn as nn
from torch.distributions import Categorical, Beta

torch.manual_seed(0)
net = nn.Linear(3, 2)
o = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(3):
    a, b = net(torch.randn(8, 3)).unbind(1)
    d = Beta(a, b)
    loss = -d.log_prob(torch.rand(8)).mean()
    o.zero_grad()
    loss.backward()
    o.step()
