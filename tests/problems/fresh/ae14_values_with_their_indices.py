import copy

import torch
from torch import nn

torch.manual_seed(14)
q_net = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 2))
target_net = copy.deepcopy(q_net)
opt = torch.optim.Adam(q_net.parameters(), lr=1e-3)
s, s2 = torch.randn(16, 3), torch.randn(16, 3)
a = torch.randint(0, 2, (16,))
r, done = torch.rand(16), torch.zeros(16)
for step in range(10):
    q = q_net(s).gather(1, a.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        q_next = target_net(s2).max(dim=1)
    target = r + 0.99 * q_next * (1 - done)
    loss = nn.functional.mse_loss(q, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
