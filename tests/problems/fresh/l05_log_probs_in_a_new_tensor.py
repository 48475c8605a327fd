import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(1)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 16)
        self.pi = nn.Linear(16, 2)
        self.v = nn.Linear(16, 1)

    def forward(self, s):
        h = torch.tanh(self.body(s))
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


net = ActorCritic()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for episode in range(8):
    memory = []
    state = torch.randn(3)
    for _ in range(6):
        dist, value = net(state)
        action = dist.sample()
        reward = 1.0 if action.item() == int(state[0] > 0) else 0.0
        memory.append((state, dist.log_prob(action), value, reward))
        state = torch.randn(3)
    log_probs = torch.tensor([m[1] for m in memory])
    values = torch.stack([m[2] for m in memory])
    returns = torch.tensor([sum(m[3] * 0.9**k for k, m in enumerate(memory[i:])) for i in range(6)])
    advantages = returns - values.detach()
    policy_loss = -(log_probs * advantages).mean()
    value_loss = (returns - values).pow(2).mean()
    optimizer.zero_grad()
    (policy_loss + 0.5 * value_loss).backward()
    optimizer.step()
    print(episode, policy_loss.item(), value_loss.item())
