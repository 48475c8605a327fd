import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam([{"params": actor.parameters(), "lr": 3e-3}, {"params": critic.parameters(), "lr": 1e-2}])


def collect(n):
    states = torch.randn(n, 4)
    with torch.no_grad():
        dist = Categorical(logits=actor(states))
        actions = dist.sample()
        old = dist.log_prob(actions)
    rewards = (actions == (states[:, 0] > 0).long()).float()
    return states, actions, old, rewards


for iteration in range(4):
    states, actions, old, rewards = collect(64)
    for epoch in range(3):
        dist = Categorical(logits=actor(states))
        value = critic(states).squeeze(-1)
        advantage = rewards - value.detach()
        ratio = (dist.log_prob(actions) - old).exp()
        clipped = ratio.clamp(0.8, 1.2)
        pi_loss = -torch.min(ratio * advantage, clipped * advantage).mean()
        v_loss = (value - rewards).pow(2).mean()
        loss = pi_loss + 0.5 * v_loss - 0.01 * dist.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(actor.parameters(), 0.5)
        optimizer.step()
    print(iteration, rewards.mean().item())
