import torch
from torch import nn

torch.manual_seed(14)
policy = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
for episode in range(5):
    state = torch.randn(10, 3)
    dist = torch.distributions.Categorical(logits=policy(state))
    action = dist.sample()
    reward = (action == (state[:, 0] > 0).long()).float()
    loss = -(dist.log_prob(action) * (reward - reward.mean())).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
