import torch
from torch import nn

torch.manual_seed(3)


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 3))
        self.critic = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))

    def get_prob(self, obs, actions):
        return self.actor(obs).softmax(-1)[torch.arange(actions.shape[0]), actions]

    def get_entropy(self, probs, log_probs):
        return -(probs * log_probs).sum()


agent = Agent()
opt = torch.optim.Adam(agent.parameters(), lr=3e-3)
for update in range(6):
    obs = torch.randn(32, 4)
    with torch.no_grad():
        actions = torch.multinomial(agent.actor(obs).softmax(-1), 1).squeeze(1)
        old = agent.get_prob(obs, actions).log()
        rewards = (actions == (obs[:, 0] > 0).long()).float()
        adv = rewards - agent.critic(obs).squeeze(-1)
    for _ in range(3):
        probs = agent.get_prob(obs, actions)
        log_probs = probs.log()
        ratio = (log_probs - old).exp()
        pg = -torch.min(ratio * adv, ratio.clamp(0.8, 1.2) * adv).mean()
        v = (agent.critic(obs).squeeze(-1) - rewards).pow(2).mean()
        loss = pg + 0.5 * v - 0.01 * agent.get_entropy(probs, log_probs).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
