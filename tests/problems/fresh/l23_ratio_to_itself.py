import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)


def ppo_update(states, actions, advantages, epochs=4, clip=0.2):
    for _ in range(epochs):
        dist = Categorical(logits=policy(states))
        old_log_probs = dist.log_prob(actions)
        new_log_probs = dist.log_prob(actions)
        ratio = torch.exp(new_log_probs - old_log_probs)
        surrogate = torch.min(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
        loss = -surrogate.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


for iteration in range(3):
    states = torch.randn(32, 4)
    with torch.no_grad():
        actions = Categorical(logits=policy(states)).sample()
    advantages = torch.randn(32) + (actions == 0).float()
    print(iteration, ppo_update(states, actions, advantages))
