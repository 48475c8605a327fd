import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(13)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
states = torch.randn(64, 4)
with torch.no_grad():
    dist = Categorical(logits=policy(states))
    actions = dist.sample()
    old_log_probs = dist.log_prob(actions)
returns = (actions == states[:, :3].argmax(1)).float()
advantages = (returns - returns.mean()) / (returns.std() + 1e-8)
for epoch in range(6):
    for rows in torch.randperm(64).split(16):
        log_probs = Categorical(logits=policy(states[rows])).log_prob(actions[rows])
        ratio = torch.exp(log_probs - old_log_probs[rows])
        surr1 = ratio * advantages[rows]
        surr2 = torch.clamp(ratio, 0.8, 1.2) * advantages[rows]
        loss = -torch.max(surr1, surr2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
