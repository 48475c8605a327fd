import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 16), nn.Tanh())
        self.actor = nn.Linear(16, 3)

    def forward(self, s):
        return Categorical(logits=self.actor(self.body(s)))


def play(state, action):
    return (state[torch.arange(len(action)), action] > 0).float()


policy = Policy()
optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)
ENTROPY = 0.05
for update in range(10):
    states = torch.randn(64, 4)
    dist = policy(states)
    actions = dist.sample()
    rewards = play(states, actions)
    advantage = rewards - rewards.mean()
    pg_loss = -(dist.log_prob(actions) * advantage).mean()
    loss = pg_loss + ENTROPY * dist.entropy().mean()  # a bonus for exploring
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(policy.parameters(), 0.5)
    optimizer.step()
    print(update, rewards.mean().item(), dist.entropy().mean().item())
