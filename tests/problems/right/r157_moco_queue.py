import copy

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(5)
TEMPERATURE, QUEUE, BATCH = 0.2, 64, 16


def encoder():
    return nn.Sequential(nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8))


class MoCo(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = encoder()
        self.key = copy.deepcopy(self.query)
        for p in self.key.parameters():
            p.requires_grad = False
        self.register_buffer("queue", F.normalize(torch.randn(8, QUEUE), dim=0))
        self.place = 0

    @torch.no_grad()
    def follow(self, momentum=0.95):
        for slow, fast in zip(self.key.parameters(), self.query.parameters()):
            slow.data.mul_(momentum).add_(fast.data, alpha=1 - momentum)

    @torch.no_grad()
    def enqueue(self, keys):
        n = keys.size(0)
        self.queue[:, self.place : self.place + n] = keys.T
        self.place = (self.place + n) % QUEUE

    def forward(self, a, b):
        q = F.normalize(self.query(a), dim=1)
        with torch.no_grad():
            self.follow()
            k = F.normalize(self.key(b), dim=1)
        positive = (q * k).sum(1, keepdim=True)
        negative = q @ self.queue.clone().detach()
        logits = torch.cat([positive, negative], dim=1) / TEMPERATURE
        labels = torch.zeros(len(logits), dtype=torch.long)
        self.enqueue(k)
        return logits, labels


centres = 2 * torch.randn(4, 10)
kinds = torch.randint(0, 4, (128,))
data = centres[kinds] + 0.3 * torch.randn(128, 10)


def augment(x):
    return (x + 0.2 * torch.randn_like(x)) * (torch.rand_like(x) > 0.1)


model = MoCo()
optimizer = torch.optim.SGD(model.query.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for epoch in range(3):
    total = 0.0
    for rows in torch.randperm(128).split(BATCH):
        batch = data[rows]
        logits, labels = model(augment(batch), augment(batch))
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("epoch", epoch, round(total / 8, 4))

model.eval()
with torch.no_grad():
    features = model.query(data)
probe = nn.Linear(8, 4)
probe_optimizer = torch.optim.LBFGS(probe.parameters(), max_iter=10)


def closure():
    probe_optimizer.zero_grad()
    loss = F.cross_entropy(probe(features), kinds) + 1e-4 * probe.weight.pow(2).sum()
    loss.backward()
    return loss


probe_optimizer.step(closure)
print((probe(features).argmax(1) == kinds).float().mean().item())
