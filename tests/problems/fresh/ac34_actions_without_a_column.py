import random

import torch
from torch import nn

torch.manual_seed(21)
random.seed(0)
policy = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
target = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
target.load_state_dict(policy.state_dict())
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-3)
memory = []
state = torch.randn(4)
for _ in range(40):
    action = random.randrange(2)
    nxt = torch.randn(4)
    memory.append((state, action, random.random(), nxt, random.random() < 0.1))
    state = nxt


def learn(batch_size=8, gamma=0.99):
    batch = random.sample(memory, batch_size)
    states, actions, rewards, nexts, dones = zip(*batch)
    states, nexts = torch.stack(states), torch.stack(nexts)
    actions = torch.tensor(actions)
    rewards = torch.tensor(rewards)
    dones = torch.tensor(dones, dtype=torch.float32)
    q = policy(states).gather(1, actions)
    with torch.no_grad():
        wanted = rewards + gamma * (1 - dones) * target(nexts).max(1).values
    loss = nn.functional.smooth_l1_loss(q, wanted.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for step in range(4):
    print(step, learn())
