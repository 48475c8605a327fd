import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
pi = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=-1))
opt = torch.optim.Adam(pi.parameters(), lr=1e-2)


def run_episode():
    log_probs, rewards = [], []
    s = torch.zeros(4)
    for t in range(10):
        m = Categorical(pi(s))
        a = m.sample()
        log_probs.append(m.log_prob(a))
        rewards.append(1.0 if a.item() == t % 2 else 0.0)
        s = torch.randn(4)
    return log_probs, rewards


for ep in range(6):
    log_probs, rewards = run_episode()
    R, returns = 0, []
    for r in rewards[::-1]:
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-9)
    policy_loss = []
    for log_prob, ret in zip(log_probs, returns):
        policy_loss.append(log_prob * ret)
    opt.zero_grad()
    loss = torch.stack(policy_loss).sum()
    loss.backward()
    opt.step()
