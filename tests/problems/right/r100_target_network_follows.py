import copy
import random

import torch
import torch.nn.functional as F
from torch import nn


class Agent:
    def __init__(self):
        self.policy_net = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
        self.target_net = copy.deepcopy(self.policy_net).requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.policy_net.parameters(), lr=5e-3)
        self.memory = []

    def update_target(self):
        self.target_net.load_state_dict(self.policy_net.state_dict())

    def learn(self):
        s, a, r, n, d = map(torch.stack, zip(*random.sample(self.memory, 16)))
        q = self.policy_net(s).gather(1, a.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            best = self.policy_net(n).argmax(1, keepdim=True)
            target = r + 0.95 * (1 - d) * self.target_net(n).gather(1, best).squeeze(1)
        loss = F.mse_loss(q, target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


random.seed(0)
torch.manual_seed(0)
agent = Agent()
state = torch.randn(4)
for step in range(48):
    action = torch.tensor(random.randrange(2))
    following = 0.9 * state + 0.1 * torch.randn(4)
    reward = following[0] * (1 if action == 1 else -1)
    done = torch.tensor(float(step % 10 == 9))
    agent.memory.append((state, action, reward, following, done))
    state = torch.randn(4) if done else following
    if step >= 20:
        agent.learn()
    if step % 12 == 0:
        agent.update_target()
