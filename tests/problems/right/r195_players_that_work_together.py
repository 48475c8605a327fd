import torch
from torch import nn

torch.manual_seed(195)
encoder = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
enc_opt = torch.optim.Adam(encoder.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)
x = torch.randn(96, 6)


def score(a, b):
    return critic(torch.cat([a, b], dim=1))


for step in range(12):
    a = x[torch.randint(0, 96, (24,))]
    other = a[torch.randperm(24)]
    z = encoder(a)
    bound = score(a, z.detach()).mean() - score(other, z.detach()).mean()
    critic_opt.zero_grad()
    (-bound + 0.1 * critic[2].weight.pow(2).sum()).backward()
    critic_opt.step()
    bound = score(a, z).mean() - score(other, z).mean()
    enc_opt.zero_grad()
    (-bound + 0.1 * z.pow(2).mean()).backward()
    enc_opt.step()

queries, keys = nn.Linear(4, 4), nn.Linear(4, 4)
opt = torch.optim.Adam([*queries.parameters(), *keys.parameters()], lr=0.01)
q, k = torch.randn(12, 5, 4), torch.randn(12, 9, 4)
pad = torch.arange(5) >= torch.randint(2, 6, (12, 1))
for step in range(5):
    scores = (queries(q) @ keys(k).transpose(1, 2) / 2).masked_fill(pad.unsqueeze(2), -1e9)
    read = (scores.softmax(-1) @ k).masked_fill(pad.unsqueeze(2), 0)
    loss = (read - q.masked_fill(pad.unsqueeze(2), 0)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(bound.item(), loss.item())
