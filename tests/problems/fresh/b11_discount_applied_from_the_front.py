import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(10)
policy = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(6):
    state, logs, rewards = torch.zeros(2), [], []
    for t in range(10):
        dist = Categorical(logits=policy(state))
        action = dist.sample()
        logs.append(dist.log_prob(action))
        state = state + torch.tensor([0.1, -0.1]) * (1 if action.item() else -1)
        rewards.append(float(state[0]))
    returns, total = [], 0.0
    for r in rewards:
        total = r + 0.99 * total
        returns.append(total)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    loss = -(torch.stack(logs) * returns).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
