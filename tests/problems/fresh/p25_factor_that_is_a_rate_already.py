import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

BASE = 1e-3
WARMUP = 4


def schedule(step):
    """Linear warm-up, then slowly down."""
    if step < WARMUP:
        return BASE * (step + 1) / WARMUP
    return BASE * (WARMUP / (step + 1)) ** 0.5


class Encoder(nn.Module):
    def __init__(self, vocab=20, d=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.layer = nn.TransformerEncoderLayer(d, 2, 32, dropout=0.0, batch_first=True)
        self.out = nn.Linear(d, 2)

    def forward(self, ids):
        return self.out(self.layer(self.embed(ids)).mean(1))


torch.manual_seed(0)
ids = torch.randint(0, 20, (32, 6))
labels = (ids[:, 0] > 9).long()
model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=BASE)
scheduler = LambdaLR(optimizer, lr_lambda=schedule)
for epoch in range(3):
    for part in torch.randperm(32).split(8):
        loss = F.cross_entropy(model(ids[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    print(epoch, loss.item(), scheduler.get_last_lr())
