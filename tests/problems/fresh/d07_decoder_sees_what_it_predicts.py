import torch
from torch import nn


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.src, self.tgt = nn.Embedding(15, 8), nn.Embedding(15, 8)
        self.enc, self.dec = nn.GRU(8, 8, batch_first=True), nn.GRU(8, 8, batch_first=True)
        self.out = nn.Linear(8, 15)

    def forward(self, src, tgt):
        _, h = self.enc(self.src(src))
        y, _ = self.dec(self.tgt(tgt), h)
        return self.out(y)


torch.manual_seed(6)
model = Translator()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
src, tgt = torch.randint(0, 15, (10, 6)), torch.randint(0, 15, (10, 5))
for step in range(8):
    logits = model(src, tgt)
    loss = nn.functional.cross_entropy(logits.reshape(-1, 15), tgt.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(round(loss.item(), 2))
