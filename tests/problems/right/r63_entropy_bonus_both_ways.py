import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
COEF = -0.01


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.pi, self.v = nn.Linear(4, 3), nn.Linear(4, 1)

    def forward(self, s):
        return Categorical(logits=self.pi(s)), self.v(s).squeeze(-1)


agent = Agent()
opt = torch.optim.Adam(agent.parameters(), lr=1e-2)
for update in range(6):
    log_probs, entropies, values, rewards = [], [], [], []
    s = torch.randn(4)
    for _ in range(12):
        dist, v = agent(s)
        a = dist.sample()
        log_probs.append(dist.log_prob(a))
        entropies.append(dist.entropy())
        values.append(v)
        rewards.append(float(s[a] > 0))
        s = torch.randn(4)
    returns, g = [], 0.0
    for r in reversed(rewards):
        g = r + 0.9 * g
        returns.insert(0, g)
    returns, values = torch.tensor(returns), torch.stack(values)
    advantage = returns - values.detach()
    actor = -(torch.stack(log_probs) * advantage).mean()
    critic = nn.functional.mse_loss(values, returns)
    entropy = torch.stack(entropies).mean()
    if update % 2:
        loss = actor + 0.5 * critic - 0.01 * entropy
    else:
        bonus = -entropy
        loss = actor + 0.5 * critic + 0.01 * bonus + COEF * entropy
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
