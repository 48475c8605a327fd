import copy
import torch
from torch import nn

torch.manual_seed(15)
q = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
q_target = copy.deepcopy(q)
opt = torch.optim.RMSprop(q.parameters(), lr=1e-3)
for step in range(10):
    s, s2 = torch.randn(16, 4), torch.randn(16, 4)
    a, r = torch.randint(0, 2, (16, 1)), torch.randn(16, 1)
    with torch.no_grad():
        target = r + 0.9 * q_target(s2).max(dim=1, keepdim=True).values
    loss = nn.functional.smooth_l1_loss(q(s).gather(1, a), target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 4:
        q_target.load_state_dict(q.state_dict())
