import torch
from torch import nn


class GraphConv(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.Tensor(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x, adj):
        return adj @ (x @ self.weight) + self.bias


torch.manual_seed(0)
adj = torch.eye(6) + torch.rand(6, 6).round()
adj = adj / adj.sum(1, keepdim=True)
feats = torch.randn(6, 4)
y = torch.tensor([0, 1, 0, 1, 0, 1])
gc1, gc2 = GraphConv(4, 8), GraphConv(8, 2)
optimizer = torch.optim.Adam([*gc1.parameters(), *gc2.parameters()], lr=0.01)
for epoch in range(8):
    optimizer.zero_grad()
    out = gc2(torch.relu(gc1(feats, adj)), adj)
    loss = nn.functional.cross_entropy(out, y)
    loss.backward()
    optimizer.step()
