import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=1e-2)
states = torch.randn(32, 4)
for episode in range(5):
    policy = Categorical(logits=actor(states))
    actions = policy.sample()
    returns = (actions == (states[:, 0] > 0).long()).float()
    values = critic(states).squeeze(1)
    advantage = returns - values
    actor_loss = -(policy.log_prob(actions) * advantage).mean()
    critic_loss = advantage.pow(2).mean()
    loss = actor_loss + 0.5 * critic_loss
    opt.zero_grad()
    loss.backward()
    opt.step()
