import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
gamma = 0.97
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
value = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=1e-2)
mean, std = torch.tensor([0.5, 0.2, 0.1, 0.0]), torch.tensor([1.0, 2.0, 1.0, 0.5])
for update in range(4):
    raw = mean + std * torch.randn(24, 4) + torch.rand(24, 4) / 256
    states = (raw - mean) / std
    dist = Categorical(logits=policy(states))
    actions = dist.sample()
    rewards = (actions == states[:, :3].argmax(1)).float()
    returns, total = [], 0.0
    for r in reversed(rewards.tolist()):
        total = r + gamma * total
        returns.insert(0, total)
    returns = torch.tensor(returns).unsqueeze(1)
    guess = value(states)
    advantage = returns - guess.detach()
    advantage = advantage - advantage.mean()
    loss = -(dist.log_prob(actions).unsqueeze(1) * advantage).mean() + nn.functional.mse_loss(guess, returns)
    opt.zero_grad()
    loss.backward()
    opt.step()

# ranking of pairs with -1 and 1, after both were put in one order
left, right = torch.randn(40, 6), torch.randn(40, 6)
better = torch.sign(left.sum(1) - right.sum(1))
order = better.argsort()
left, right, better = left[order], right[order], better[order]
sorted_scores, places = better.sort()
score = nn.Linear(6, 1)
opt = torch.optim.SGD(score.parameters(), lr=0.1)
for epoch in range(4):
    for part in torch.randperm(40).split(10):
        loss = nn.functional.margin_ranking_loss(score(left[part]).squeeze(1), score(right[part]).squeeze(1), better[part], margin=0.5)
        opt.zero_grad()
        loss.backward()
        opt.step()
print(sorted_scores[places[0]].item())
