import torch
from torch import nn

torch.manual_seed(0)


class Pool(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def forward(self, nodes):
        weight = torch.sigmoid(self.score(nodes))
        return (weight * nodes).mean(dim=1)


class Runner:
    def __init__(self, lr):
        self.node_pool, self.edge_pool = Pool(4), Pool(3)
        self.readout = nn.Sequential(nn.Linear(7, 8), nn.ReLU(), nn.Linear(8, 2))
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.node_pool.parameters(), "lr": lr},
                {"params": self.edge_pool.parameters(), "lr": lr},
            ]
        )

    def fit(self, nodes, edges, labels, epochs):
        for _ in range(epochs):
            self.optimizer.zero_grad()
            h = torch.cat([self.node_pool(nodes), self.edge_pool(edges)], dim=1)
            loss = nn.functional.cross_entropy(self.readout(h), labels)
            loss.backward()
            self.optimizer.step()
            print(loss.item())


Runner(1e-2).fit(torch.randn(20, 5, 4), torch.randn(20, 6, 3), torch.randint(0, 2, (20,)), 6)
