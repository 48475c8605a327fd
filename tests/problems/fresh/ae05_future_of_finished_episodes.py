import copy

import torch
from torch import nn

torch.manual_seed(2)
n = 64
states, next_states = torch.randn(n, 4), torch.randn(n, 4)
actions = torch.randint(0, 2, (n, 1))
rewards = torch.rand(n)
dones = (torch.rand(n) < 0.1).float()
q_net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target_net = copy.deepcopy(q_net)
opt = torch.optim.Adam(q_net.parameters(), lr=1e-3)
gamma = 0.99
for step in range(20):
    idx = torch.randperm(n)[:16]
    q = q_net(states[idx]).gather(1, actions[idx]).squeeze(1)
    with torch.no_grad():
        next_q = target_net(next_states[idx]).max(1)[0]
        target = rewards[idx] + gamma * next_q * dones[idx]
    loss = nn.functional.smooth_l1_loss(q, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 0:
        target_net.load_state_dict(q_net.state_dict())
print(loss.item())
