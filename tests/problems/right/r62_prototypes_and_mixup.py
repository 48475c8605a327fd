import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
WAYS, SHOTS, QUERIES = 3, 4, 5
centres = torch.randn(6, 5) * 3
embed = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8))
head = nn.Linear(8, WAYS)
opt = torch.optim.Adam([*embed.parameters(), *head.parameters()], lr=1e-3)


def episode():
    classes = torch.randperm(6)[:WAYS]
    support = centres[classes].repeat_interleave(SHOTS, 0) + torch.randn(WAYS * SHOTS, 5)
    query = centres[classes].repeat_interleave(QUERIES, 0) + torch.randn(WAYS * QUERIES, 5)
    return support, query, torch.arange(WAYS).repeat_interleave(QUERIES)


for step in range(8):
    support, query, labels = episode()
    prototypes = embed(support).view(WAYS, SHOTS, -1).mean(dim=1)
    z = embed(query)
    few_shot = F.cross_entropy(-torch.cdist(z, prototypes).square(), labels)
    pull = (z - prototypes[labels]).square().mean()
    mixing = torch.rand(len(z), 1)
    order = torch.randperm(len(z))
    onehot = F.one_hot(labels, WAYS).float()
    mixed = F.cross_entropy(head(mixing * z + (1 - mixing) * z[order]), mixing * onehot + (1 - mixing) * onehot[order])
    loss = few_shot + 0.1 * pull + 0.5 * mixed
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
