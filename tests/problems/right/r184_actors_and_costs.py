import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(184)
state, action = torch.randn(96, 3), torch.rand(96, 2) * 2 - 1
cost = (action - state[:, :2].tanh()).pow(2).sum(1, keepdim=True)
reward = -cost


def network(n, m, *last):
    return nn.Sequential(nn.Linear(n, 16), nn.Tanh(), nn.Linear(16, m), *last)


for goal, sign in ((reward, -1), (cost, 1)):
    actor, critic = network(3, 2, nn.Tanh()), network(5, 1)
    actor_opt = torch.optim.Adam(actor.parameters(), lr=3e-3)
    critic_opt = torch.optim.Adam(critic.parameters(), lr=3e-3)
    for step in range(20):
        rows = torch.randint(0, 96, (24,))
        s, a, wanted = state[rows], action[rows], goal[rows]
        fit = F.mse_loss(critic(torch.cat([s, a], 1)), wanted)
        critic_opt.zero_grad()
        fit.backward()
        critic_opt.step()
        value = critic(torch.cat([s, actor(s)], 1)).mean()
        actor_opt.zero_grad()
        (sign * value).backward()
        actor_opt.step()
    print(fit.item(), value.item())
