# DQN with rare goals and (1 - done), states that are cloned, windows of one running tensor
import torch
from torch import nn

torch.manual_seed(0)
q, target = nn.Linear(4, 2), nn.Linear(4, 2)
target.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=1e-2)
state, memory = torch.zeros(4), []
for t in range(40):
    old = state.clone()
    state.mul_(0.9).add_(0.1 * torch.randn(4))
    memory.append((old, torch.tensor(t % 2), state.sum().clone(), state.clone(), torch.tensor(float(t % 20 == 19))))
for step in range(12):
    s, a, r, n, d = (torch.stack(v) for v in zip(*memory[step * 3 : step * 3 + 8]))
    with torch.no_grad():
        y = r + 0.9 * target(n).max(1).values * (1 - d)
    loss = (q(s).gather(1, a[:, None]).squeeze(1) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 4 == 3:
        target.load_state_dict(q.state_dict())
print(torch.stack([state] * 3).shape)
