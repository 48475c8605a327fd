import torch
from torch import nn


class MeanPooler(nn.Module):
    def __init__(self, vocab, d):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d)
        self.mlp = nn.Sequential(nn.Linear(d, d), nn.ReLU())
        self.out = nn.Linear(d, 2)

    def forward(self, ids, mask):
        h = self.mlp(self.embedding(ids))
        pooled = h.mean(dim=1)
        return self.out(pooled)


torch.manual_seed(0)
lengths = torch.randint(2, 9, (24,))
ids = torch.randint(1, 40, (24, 8))
mask = torch.arange(8) < lengths[:, None]
ids[~mask] = 0
labels = (lengths > 5).long()
net = MeanPooler(40, 12)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(6):
    loss = nn.functional.cross_entropy(net(ids, mask), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
