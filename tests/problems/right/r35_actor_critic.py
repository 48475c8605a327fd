import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
torso = nn.Sequential(nn.Linear(4, 16), nn.Tanh())
policy_head, value_head = nn.Linear(16, 2), nn.Linear(16, 1)
opt = torch.optim.Adam([*torso.parameters(), *policy_head.parameters(), *value_head.parameters()], lr=1e-2)
states = torch.randn(32, 4)
for episode in range(5):
    h = torso(states)
    policy, values = Categorical(logits=policy_head(h)), value_head(h).squeeze(1)
    actions = policy.sample()
    returns = (actions == (states[:, 0] > 0).long()).float()
    advantage = returns - values
    normed = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    actor_loss = -(policy.log_prob(actions) * normed.detach()).mean()
    loss = actor_loss + 0.5 * advantage.pow(2).mean() - 0.01 * policy.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
