import torch
from torch import nn
from torch.distributions import Bernoulli

torch.manual_seed(0)


class Bandit:
    """Pulling the right arm pays."""

    def pull(self, context, arm):
        return ((context.sum(dim=1) > 0).float() == arm).float()


policy = nn.Sequential(nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
env = Bandit()
baseline = 0.0
for episode in range(15):
    context = torch.randn(48, 3)
    dist = Bernoulli(logits=policy(context).squeeze(1))
    arm = dist.sample()
    reward = env.pull(context, arm)
    objective = dist.log_prob(arm) * (reward - baseline)
    optimizer.zero_grad()
    objective.mean().backward()
    optimizer.step()
    baseline = 0.9 * baseline + 0.1 * reward.mean().item()
    print(episode, reward.mean().item())
