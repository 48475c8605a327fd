import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
GAMMA = 99


def episode(length=12):
    log_probs, rewards = [], []
    for _ in range(length):
        state = torch.randn(4)
        dist = Categorical(logits=policy(state))
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        rewards.append(1.0 if (action.item() == 1) == (state[0].item() > 0) else 0.0)
    return torch.stack(log_probs), rewards


for update in range(4):
    log_probs, rewards = episode()
    returns, total = [], 0.0
    for r in reversed(rewards):
        total = r + GAMMA * total
        returns.insert(0, total)
    loss = -(log_probs * torch.tensor(returns)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
