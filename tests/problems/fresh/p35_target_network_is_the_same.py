import random

import torch
import torch.nn.functional as F
from torch import nn


class QNet(nn.Module):
    def __init__(self, states, actions):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(states, 24), nn.Linear(24, actions)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Agent:
    def __init__(self):
        self.policy_net = QNet(4, 2)
        self.target_net = self.policy_net
        self.optimizer = torch.optim.Adam(self.policy_net.parameters(), lr=5e-3)
        self.memory = []

    def update_target(self):
        self.target_net.load_state_dict(self.policy_net.state_dict())

    def learn(self):
        s, a, r, n = map(torch.stack, zip(*random.sample(self.memory, 16)))
        q = self.policy_net(s).gather(1, a.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            target = r + 0.95 * self.target_net(n).max(1).values
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
    agent.memory.append((state, action, reward, following))
    state = following
    if step >= 20:
        loss = agent.learn()
    if step % 12 == 0:
        agent.update_target()
