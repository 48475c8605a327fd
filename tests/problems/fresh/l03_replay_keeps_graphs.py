import random
from collections import deque

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)


class Agent:
    def __init__(self, n_obs=4, n_actions=2):
        self.q = nn.Sequential(nn.Linear(n_obs, 16), nn.ReLU(), nn.Linear(16, n_actions))
        self.opt = torch.optim.Adam(self.q.parameters(), lr=1e-3)
        self.memory = deque(maxlen=100)

    def act(self, obs):
        values = self.q(obs)
        action = values.argmax().item()
        return action, values[action]

    def remember(self, q_value, reward, next_obs):
        self.memory.append((q_value, reward, next_obs))

    def learn(self, batch_size=4):
        batch = random.sample(list(self.memory), batch_size)
        q_values = torch.stack([item[0] for item in batch])
        rewards = torch.tensor([item[1] for item in batch])
        with torch.no_grad():
            best = self.q(torch.stack([item[2] for item in batch])).max(1).values
        loss = F.smooth_l1_loss(q_values, rewards + 0.9 * best)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return loss.item()


agent = Agent()
obs = torch.randn(4)
for t in range(12):
    action, value = agent.act(obs)
    next_obs = torch.randn(4)
    agent.remember(value, float(action == 0), next_obs)
    obs = next_obs
    if len(agent.memory) >= 4:
        print(agent.learn())
