import torch
from torch import nn
from torch.distributions import Categorical


class Bandit:
    """The best arm depends on the context."""

    def reset(self):
        self.context = int(torch.randint(0, 3, ()))
        return nn.functional.one_hot(torch.tensor(self.context), 3).float()

    def step(self, action):
        return 1.0 if action == self.context else 0.0


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 3))

    def policy(self, state):
        return Categorical(logits=self.body(state))

    def act(self, state):
        with torch.no_grad():
            return self.policy(state).sample()


torch.manual_seed(0)
env, agent = Bandit(), Agent()
optimizer = torch.optim.Adam(agent.parameters(), lr=1e-2)
for update in range(5):
    log_probs, rewards = [], []
    for _ in range(12):
        state = env.reset()
        action = agent.act(state)
        rewards.append(env.step(action.item()))
        dist = agent.policy(state)
        log_probs.append(dist.log_prob(dist.sample()))
    returns = torch.tensor(rewards)
    advantage = returns - returns.mean()
    loss = -(torch.stack(log_probs) * advantage).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(update, sum(rewards) / len(rewards))
