import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(0)
torch.manual_seed(0)
Transition = namedtuple("Transition", "state action reward next_state")


class DQN(nn.Module):
    def __init__(self, n_obs, n_actions):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_obs, 24), nn.ReLU(), nn.Linear(24, n_actions))

    def forward(self, s):
        return self.layers(s)


memory = deque(maxlen=200)
for _ in range(100):
    s = torch.randn(4)
    a = random.randrange(3)
    memory.append(Transition(s, torch.tensor(a), torch.tensor(float(s[a] > 0)), s + 0.1 * torch.randn(4)))

policy, target = DQN(4, 3), DQN(4, 3)
target.load_state_dict(policy.state_dict())
opt = optim.Adam(policy.parameters(), lr=1e-3)
for step in range(8):
    batch = Transition(*zip(*random.sample(memory, 16)))
    states, actions = torch.stack(batch.state), torch.stack(batch.action)
    rewards, next_states = torch.stack(batch.reward), torch.stack(batch.next_state)
    q = policy(states)[actions]
    with torch.no_grad():
        best = target(next_states).max(dim=1).values
    expected = (rewards + 0.9 * best).unsqueeze(1).expand(-1, 3)
    loss = nn.functional.smooth_l1_loss(q, expected)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
