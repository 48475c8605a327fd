import torch
from torch import nn

torch.manual_seed(0)
gen = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
critic = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
g_opt = torch.optim.RMSprop(gen.parameters(), lr=5e-4)
c_opt = torch.optim.RMSprop(critic.parameters(), lr=5e-4)


def train_critic(real):
    with torch.no_grad():
        fake = gen(torch.randn(len(real), 2))
    c_opt.zero_grad()
    (-critic(real).mean()).backward()
    c_opt.zero_grad(set_to_none=False)
    critic(fake).mean().backward()
    c_opt.step()
    for p in critic.parameters():
        p.data.clamp_(-0.05, 0.05)


for it in range(9):
    train_critic(torch.randn(20, 3) + 1)
    if it % 3 == 2:
        g_opt.zero_grad()
        (-critic(gen(torch.randn(20, 2))).mean()).backward()
        g_opt.step()
