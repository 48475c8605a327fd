# each player clips its own gradients once, before its own step; a sum of parts is clipped when it is complete
import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
a_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
c_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)
for it in range(6):
    s = torch.randn(32, 4) * 4
    dist = torch.distributions.Categorical(logits=actor(s))
    a = dist.sample()
    r = (a == (s[:, 0] > 0)).float() * 10
    value = critic(s).squeeze(1)
    c_loss = (value - r).square().mean()
    a_loss = -(dist.log_prob(a) * (r - value.detach())).mean() - 0.01 * dist.entropy().mean()
    a_opt.zero_grad()
    a_loss.backward()
    nn.utils.clip_grad_norm_(actor.parameters(), 0.5)
    a_opt.step()
    c_opt.zero_grad()
    c_loss.backward()
    nn.utils.clip_grad_norm_(critic.parameters(), 0.5)
    c_opt.step()
both = torch.optim.SGD([*actor.parameters(), *critic.parameters()], lr=0.01)
for it in range(4):
    both.zero_grad()
    s = torch.randn(32, 4) * 4
    actor(s).square().mean().backward()
    critic(s).square().mean().backward()
    nn.utils.clip_grad_norm_([*actor.parameters(), *critic.parameters()], 0.1)
    both.step()
