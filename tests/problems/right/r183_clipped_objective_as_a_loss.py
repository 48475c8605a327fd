import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(183)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3, betas=(0.9, 0.999), eps=1e-5)
states = torch.randn(64, 4)
for turn in range(2):
    with torch.no_grad():
        dist = Categorical(logits=policy(states))
        actions = dist.sample()
        old = dist.log_prob(actions)
    rewards = (actions == states[:, :3].argmax(1)).float()
    advantages = (rewards - rewards.mean()) / (rewards.std() + 1e-8)
    for epoch in range(3):
        for rows in torch.randperm(64).split(16):
            now = Categorical(logits=policy(states[rows]))
            ratio = (now.log_prob(actions[rows]) - old[rows]).exp()
            adv = advantages[rows]
            if turn:
                loss = torch.max(-adv * ratio, -adv * torch.clamp(ratio, 0.8, 1.2)).mean()
            else:
                loss = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
            loss = loss - 0.01 * now.entropy().mean()
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 0.5)
            opt.step()
print(loss.item())
