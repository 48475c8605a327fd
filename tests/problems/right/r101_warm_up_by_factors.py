import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

WARMUP = 4


class Encoder(nn.Module):
    def __init__(self, vocab=20, d=16, length=6):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.place = nn.Parameter(torch.randn(length, d) * 0.02)
        self.layer = nn.TransformerEncoderLayer(d, 2, 32, dropout=0.1, batch_first=True)
        self.out = nn.Linear(d, 2)

    def forward(self, ids):
        n = ids.shape[1]
        mask = torch.triu(torch.ones(n, n), diagonal=1).bool()
        return self.out(self.layer(self.embed(ids) + self.place, src_mask=mask)[:, -1])


torch.manual_seed(0)
ids = torch.randint(0, 20, (32, 6))
labels = (ids[:, 0] > 9).long()
model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
scheduler = LambdaLR(optimizer, lr_lambda=lambda s: min((s + 1) / WARMUP, (WARMUP / (s + 1)) ** 0.5))
for epoch in range(3):
    model.train()
    for part in torch.randperm(32).split(8):
        loss = F.cross_entropy(model(ids[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (model(ids).argmax(1) == labels).float().mean().item())
