import torch
from torch import nn
from torch.distributions import Normal


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
        self.critic = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
        self.log_std = nn.Parameter(torch.zeros(1))

    def dist(self, s):
        return Normal(self.actor(s), self.log_std.exp())


torch.manual_seed(0)
net = ActorCritic()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for iteration in range(3):
    with torch.no_grad():
        states = torch.randn(32, 3)
        dist = net.dist(states)
        actions = dist.sample()
        old = dist.log_prob(actions)
        rewards = -(actions - states[:, :1]).pow(2)
        advantage = rewards - net.critic(states)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    for epoch in range(3):
        ratio = (net.dist(states).log_prob(actions) - old).exp()
        policy_loss = -torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).mean()
        value_loss = (net.critic(states) - rewards).pow(2).mean()
        loss = policy_loss + 0.5 * value_loss
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step()
    print(iteration, rewards.mean().item())
