import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x, mask):
        h = self.ln1(x)
        a, _ = self.attn(h, h, h, attn_mask=mask, need_weights=False)
        x = x + a
        return x + self.ff(self.ln2(x))


class TinyGPT(nn.Module):
    def __init__(self, vocab=12, d=16, length=8):
        super().__init__()
        self.tok = nn.Embedding(vocab, d)
        self.pos = nn.Parameter(torch.randn(1, length, d) * 0.02)
        self.blocks = nn.ModuleList(Block(d, 2) for _ in range(2))
        self.head = nn.Linear(d, vocab)

    def forward(self, ids):
        n = ids.shape[1]
        mask = torch.tril(torch.ones(n, n)).bool()
        x = self.tok(ids) + self.pos[:, :n]
        for block in self.blocks:
            x = block(x, mask)
        return self.head(x)


torch.manual_seed(0)
text = torch.randint(0, 12, (16, 9))
model = TinyGPT()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(4):
    logits = model(text[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 12), text[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
