import torch
from torch import nn
from torch.distributions import Categorical, Normal

torch.manual_seed(0)
policy = nn.Linear(3, 4)
actor, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 1))
opt_p = torch.optim.Adam(policy.parameters(), lr=1e-2)
opt_a, opt_c = torch.optim.Adam(actor.parameters(), lr=1e-3), torch.optim.Adam(critic.parameters(), lr=1e-3)
ALPHA = 0.1
for step in range(6):
    s = torch.randn(32, 3)
    dist = Categorical(logits=policy(s))
    choice = dist.sample()
    cost = (choice != s.argmax(dim=1)).float()
    loss = (dist.log_prob(choice) * (cost - cost.mean())).mean() - 0.01 * dist.entropy().mean()
    opt_p.zero_grad()
    loss.backward()
    opt_p.step()

    def act(state):
        mean, log_std = actor(state).chunk(2, dim=1)
        normal = Normal(mean, log_std.clamp(-3, 1).exp())
        a = normal.rsample()
        return a, normal.log_prob(a).squeeze(1)

    with torch.no_grad():
        a, _ = act(s)
        reward = -(a.squeeze(1) - s[:, 0]).square()
    opt_c.zero_grad()
    nn.functional.mse_loss(critic(torch.cat([s, a], dim=1)).squeeze(1), reward).backward()
    opt_c.step()

    for p in critic.parameters():
        p.requires_grad = False
    a, log_prob = act(s)
    q = critic(torch.cat([s, a], dim=1)).squeeze(1)
    opt_a.zero_grad()
    (ALPHA * log_prob - q).mean().backward()
    opt_a.step()
    for p in critic.parameters():
        p.requires_grad = True
print(cost.mean().item(), reward.mean().item())
