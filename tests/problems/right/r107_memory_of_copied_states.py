import random

import torch
from torch import nn


class Cart:
    def __init__(self):
        self.state = torch.zeros(3)

    def reset(self):
        self.state.copy_(torch.randn(3) * 0.1)
        return self.state.clone()

    def step(self, action):
        self.state += 0.1 * torch.randn(3)
        self.state[1] += 0.2 if action else -0.2
        return self.state.clone(), -abs(self.state[0].item())


random.seed(0)
torch.manual_seed(0)
env = Cart()
value = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 1))
opt = torch.optim.Adam(value.parameters(), lr=1e-2)
buffer = []
for episode in range(3):
    state = env.reset()
    for t in range(12):
        following, reward = env.step(random.randrange(2))
        buffer.append((state, reward, following))
        state = following
    for update in range(3):
        states, rewards, nexts = zip(*random.sample(buffer, 8))
        states, nexts, rewards = torch.stack(states), torch.stack(nexts), torch.tensor(rewards)
        with torch.no_grad():
            target = rewards + 0.9 * value(nexts).squeeze(1)
        loss = nn.functional.mse_loss(value(states).squeeze(1), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(episode, loss.item())
