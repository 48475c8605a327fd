import torch
import torch.nn.functional as F
from torch import nn


class GCNLayer(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.lin = nn.Linear(a, b)

    def forward(self, x, adj):
        return adj @ self.lin(x)


class GCN(nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.one, self.two = GCNLayer(features, hidden), GCNLayer(hidden, classes)

    def forward(self, x, adj):
        return self.two(F.relu(self.one(x, adj)), adj)


def normalize(adj):
    degree = adj.sum(1)
    d = degree.pow(-0.5)
    return d[:, None] * adj * d[None, :]


torch.manual_seed(0)
edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (1, 4)]
adj = torch.zeros(8, 8)
for a, b in edges:
    adj[a, b] = adj[b, a] = 1.0
x = torch.randn(8, 5)
y = torch.tensor([0, 0, 0, 1, 1, 1, 0, 1])
train = torch.tensor([0, 1, 3, 4, 7])
norm = normalize(adj)
model = GCN(5, 8, 2)
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(4):
    model.train()
    opt.zero_grad()
    out = model(x, norm)
    loss = F.cross_entropy(out[train], y[train])
    loss.backward()
    opt.step()
    print(epoch, loss.item())
