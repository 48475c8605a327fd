import torch
from torch import nn

torch.manual_seed(16)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, state, action):
        return self.net(torch.cat([state, action], dim=1))


actor = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2), nn.Tanh())
critic = Critic()
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)
state, action = torch.randn(64, 3), torch.rand(64, 2) * 2 - 1
reward = -(action - state[:, :2]).pow(2).sum(1, keepdim=True)
for step in range(10):
    rows = torch.randint(0, 64, (16,))
    critic_loss = nn.functional.mse_loss(critic(state[rows], action[rows]), reward[rows])
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    actor_loss = critic(state[rows], actor(state[rows])).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    print(step, critic_loss.item(), actor_loss.item())
