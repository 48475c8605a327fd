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
eps = 0.2
for iteration in range(3):
    with torch.no_grad():
        states = torch.randn(32, 3)
        actions = net.dist(states).sample()
        rewards = -(actions - states[:, :1]).pow(2)
        advantage = rewards - net.critic(states)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    for epoch in range(3):
        log_prob = net.dist(states).log_prob(actions)
        old_log_prob = log_prob
        ratio = (log_prob - old_log_prob).exp()
        clipped = ratio.clamp(1 - eps, 1 + eps)
        policy_loss = -torch.min(ratio * advantage, clipped * advantage).mean()
        value_loss = (net.critic(states) - rewards).pow(2).mean()
        loss = policy_loss + 0.5 * value_loss
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(iteration, rewards.mean().item())
