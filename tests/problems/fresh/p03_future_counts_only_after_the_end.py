import random
from collections import deque

import torch
import torch.nn.functional as F
from torch import nn


class Corridor:
    def reset(self):
        self.at = 0
        return self.state()

    def state(self):
        s = torch.zeros(6)
        s[self.at] = 1.0
        return s

    def step(self, action):
        self.at = max(0, self.at + (1 if action == 1 else -1))
        done = self.at == 5
        return self.state(), float(done), done


random.seed(0)
torch.manual_seed(0)
env, memory = Corridor(), deque(maxlen=500)
q_net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2))
optimizer = torch.optim.Adam(q_net.parameters(), lr=1e-2)
gamma, epsilon = 0.9, 0.5
for episode in range(3):
    state = env.reset()
    for t in range(30):
        with torch.no_grad():
            action = random.randrange(2) if random.random() < epsilon else int(q_net(state).argmax())
        following, reward, done = env.step(action)
        memory.append((state, action, reward, following, float(done)))
        state = following
        if len(memory) >= 16:
            states, actions, rewards, nexts, dones = zip(*random.sample(memory, 16))
            states, nexts = torch.stack(states), torch.stack(nexts)
            actions, rewards, dones = torch.tensor(actions), torch.tensor(rewards), torch.tensor(dones)
            q = q_net(states).gather(1, actions[:, None]).squeeze(1)
            with torch.no_grad():
                target = rewards + gamma * q_net(nexts).max(1)[0] * dones
            loss = F.smooth_l1_loss(q, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if done:
            break
