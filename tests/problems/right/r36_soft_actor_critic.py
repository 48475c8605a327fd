import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
actor, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
target = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
target.load_state_dict(critic.state_dict())
log_alpha = torch.zeros(1, requires_grad=True)
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
alpha_opt = torch.optim.Adam([log_alpha], lr=1e-2)
states, following = torch.randn(32, 3), torch.randn(32, 3)
rewards = -states[:, :1].abs()


def act(s):
    mean, log_std = actor(s).chunk(2, dim=1)
    policy = Normal(mean, log_std.clamp(-4, 1).exp())
    action = policy.rsample()
    return action, policy.log_prob(action)


for step in range(5):
    with torch.no_grad():
        action, log_prob = act(following)
        wanted = rewards + 0.9 * (target(torch.cat([following, action], 1)) - log_alpha.exp() * log_prob)
    taken = act(states)[0].detach()
    critic_loss = (critic(torch.cat([states, taken], 1)) - wanted).pow(2).mean()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    action, log_prob = act(states)
    actor_loss = (log_alpha.exp().detach() * log_prob - critic(torch.cat([states, action], 1))).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    alpha_loss = -(log_alpha * (log_prob.detach() - 2.0)).mean()
    alpha_opt.zero_grad()
    alpha_loss.backward()
    alpha_opt.step()
    with torch.no_grad():
        for slow, fast in zip(target.parameters(), critic.parameters()):
            slow.lerp_(fast, 0.05)
print(critic_loss.item())
