import random
from collections import deque

import torch
from torch import nn

random.seed(0)
torch.manual_seed(13)


class Agent:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 2))
        self.memory = deque(maxlen=200)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)

    def act(self, state, eps=0.3):
        if random.random() < eps:
            return random.randrange(2)
        with torch.no_grad():
            return int(self.net(state).argmax())

    def replay(self, batch_size=16, gamma=0.9):
        s, a, r, s2 = map(torch.stack, zip(*random.sample(list(self.memory), batch_size)))
        q = self.net(s).gather(1, a.view(-1, 1)).squeeze(1)
        best = self.net(s2).max(dim=1).values
        expected = r + gamma * best
        loss = nn.functional.smooth_l1_loss(q, expected)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()


agent = Agent()
state = torch.randn(3)
for t in range(24):
    action = agent.act(state)
    reward = state[action].clone()
    after = torch.randn(3)
    agent.memory.append((state, torch.tensor(action), reward, after))
    state = after
    if len(agent.memory) >= 16:
        agent.replay()
