import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
for update in range(5):
    states = torch.randn(32, 4)
    dist = Categorical(logits=policy(states))
    actions = dist.sample()
    rewards = (actions == states[:, :3].argmax(1)).float().unsqueeze(1)
    advantage = rewards - rewards.mean(dim=1, keepdim=True)
    loss = -(dist.log_prob(actions).unsqueeze(1) * advantage).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(update, rewards.mean().item())
