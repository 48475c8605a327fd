import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.distributions import Categorical


class Policy(nn.Module):
    def __init__(self, states=4, actions=3):
        super().__init__()
        self.affine1 = nn.Linear(states, 24)
        self.affine2 = nn.Linear(24, actions)

    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.affine2(x), dim=-1)


def play(policy, steps=20):
    log_probs, rewards = [], []
    for _ in range(steps):
        state = torch.randn(4)
        m = Categorical(logits=policy(state))
        action = m.sample()
        log_probs.append(m.log_prob(action))
        rewards.append(1.0 if action.item() == int(state[:3].argmax()) else 0.0)
    return torch.stack(log_probs), torch.tensor(rewards)


torch.manual_seed(0)
policy = Policy()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
baseline = 0.0
for episode in range(5):
    log_probs, rewards = play(policy)
    baseline = 0.9 * baseline + 0.1 * rewards.mean().item()
    loss = -(log_probs * (rewards - baseline)).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"episode {episode} reward {rewards.mean():.2f}")
