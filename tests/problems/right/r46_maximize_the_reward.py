import torch

torch.manual_seed(0)
mu = torch.zeros(2, requires_grad=True)
log_std = torch.zeros(2, requires_grad=True)
opt = torch.optim.Adam([mu, log_std], lr=0.05, maximize=True)
goal = torch.tensor([1.0, -1.0])


def reward(action):
    return -(action - goal).pow(2).sum(-1)


for it in range(30):
    noise = torch.randn(64, 2)
    action = mu + noise * log_std.exp()
    objective = reward(action).mean() + 0.05 * log_std.sum()
    opt.zero_grad()
    objective.backward()
    opt.step()
print(mu.tolist())
