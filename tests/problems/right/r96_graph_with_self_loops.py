import torch
import torch.nn.functional as F
from torch import nn


class GraphConv(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.lin = nn.Linear(a, b, bias=False)
        self.bias = nn.Parameter(torch.zeros(b))

    def forward(self, x, src, dst, norm):
        messages = self.lin(x)[src] * norm[:, None]
        return torch.zeros(len(x), messages.shape[1]).index_add(0, dst, messages) + self.bias


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = GraphConv(5, 12), GraphConv(12, 12), nn.Linear(12, 2)

    def forward(self, x, src, dst, norm, graph):
        h = F.relu(self.a(x, src, dst, norm))
        h = F.relu(self.b(h, src, dst, norm))
        sums = torch.zeros(int(graph.max()) + 1, 12).index_add(0, graph, h)
        counts = torch.bincount(graph).clamp(min=1)
        return self.out(sums / counts[:, None])


torch.manual_seed(0)
graph = torch.arange(6).repeat_interleave(4)
nodes = torch.arange(24)
ring = (nodes // 4) * 4 + (nodes + 1) % 4
src = torch.cat([nodes, ring, nodes])
dst = torch.cat([ring, nodes, nodes])
degree = torch.bincount(dst, minlength=24).float()
norm = degree[src].rsqrt() * degree[dst].rsqrt()
x = torch.randn(24, 5)
labels = torch.tensor([0, 1, 0, 1, 1, 0])
x[:, 0] += labels[graph] * 2.0
model = Net()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(4):
    loss = F.cross_entropy(model(x, src, dst, norm, graph), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
