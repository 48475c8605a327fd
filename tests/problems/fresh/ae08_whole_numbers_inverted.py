import torch
from torch import nn

torch.manual_seed(8)
tokens = torch.randint(1, 12, (10, 6))
tokens[:5, 4:] = 0
padding = (tokens == 0).long()
targets = torch.randn(10, 6)
emb, head = nn.Embedding(12, 8, padding_idx=0), nn.Linear(8, 1)
opt = torch.optim.Adam([*emb.parameters(), *head.parameters()], lr=0.01)
for epoch in range(10):
    pred = head(emb(tokens)).squeeze(-1)
    keep = ~padding
    loss = ((pred - targets) ** 2 * keep).sum() / keep.sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
