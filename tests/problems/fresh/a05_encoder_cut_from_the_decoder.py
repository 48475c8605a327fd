import torch
import torch.nn as nn
import torch.nn.functional as F


class Seq2Seq(nn.Module):
    def __init__(self, src_vocab, tgt_vocab, dim):
        super().__init__()
        self.src_embed = nn.Embedding(src_vocab, dim)
        self.tgt_embed = nn.Embedding(tgt_vocab, dim)
        self.encoder = nn.GRU(dim, dim, batch_first=True)
        self.cell = nn.GRUCell(dim, dim)
        self.out = nn.Linear(dim, tgt_vocab)

    def encode(self, src):
        _, state = self.encoder(self.src_embed(src))
        return state[0].data

    def forward(self, src, tgt):
        state = self.encode(src)
        logits = []
        for t in range(tgt.size(1) - 1):
            state = self.cell(self.tgt_embed(tgt[:, t]), state)
            logits.append(self.out(state))
        return torch.stack(logits, dim=1)


torch.manual_seed(4)
model = Seq2Seq(11, 9, 12)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
src, tgt = torch.randint(0, 11, (8, 6)), torch.randint(0, 9, (8, 5))
for epoch in range(5):
    logits = model(src, tgt)
    loss = F.cross_entropy(logits.reshape(-1, 9), tgt[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"epoch {epoch}: {loss.item():.3f}")
