import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(3)
policy = nn.Linear(2, 2)
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(5):
    state, logs, rewards = torch.zeros(2), [], []
    for t in range(8):
        dist = Categorical(logits=policy(state))
        action = dist.sample()
        logs.append(dist.log_prob(action))
        state = state + 0.1 * (2 * action.float() - 1)
        rewards.append(float(state[0]))
    score, discount = 0.0, 1.0
    for r in rewards:
        score = score + discount * r
        discount *= 0.9
    returns, total = [], 0.0
    for r in reversed(rewards):
        total = r + 0.9 * total
        returns.insert(0, total)
    loss = -(torch.stack(logs) * torch.tensor(returns)).sum()
    for log in logs:
        loss = loss + 0.0 * log
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(score)
