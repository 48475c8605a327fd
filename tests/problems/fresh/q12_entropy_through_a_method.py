import torch
from torch import nn
from torch.distributions import Normal


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu = nn.Linear(3, 1)
        self.log_std = nn.Parameter(torch.zeros(1))
        self.critic = nn.Linear(3, 1)

    def dist(self, s):
        return Normal(self.mu(s), self.log_std.exp())

    def evaluate(self, s, a):
        d = self.dist(s)
        return d.log_prob(a).sum(-1), d.entropy().sum(-1), self.critic(s).squeeze(-1)


def update(agent, opt, s, a, old, adv, ret):
    logp, entropy, v = agent.evaluate(s, a)
    ratio = (logp - old).exp()
    policy_loss = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
    loss = policy_loss + 0.5 * (v - ret).pow(2).mean() + 0.01 * entropy.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()


torch.manual_seed(0)
agent = Agent()
opt = torch.optim.Adam(agent.parameters(), lr=3e-3)
for it in range(4):
    s = torch.randn(32, 3)
    with torch.no_grad():
        d = agent.dist(s)
        a = d.sample()
        old = d.log_prob(a).sum(-1)
        ret = -(a.squeeze(-1) - s[:, 0]).pow(2)
        adv = ret - agent.critic(s).squeeze(-1)
    adv = (adv - adv.mean()) / adv.std()
    for _ in range(3):
        update(agent, opt, s, a, old, adv, ret)
