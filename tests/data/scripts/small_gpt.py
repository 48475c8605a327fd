import torch, torch.nn as nn, torch.nn.functional as F, math

torch.manual_seed(0)


class Head(nn.Module):
    def __init__(self, d, h, block):
        super().__init__()
        self.key = nn.Linear(d, h, bias=False)
        self.query = nn.Linear(d, h, bias=False)
        self.value = nn.Linear(d, h, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block, block)))
        self.dropout = nn.Dropout(0.0)

    def forward(self, x):
        B, T, C = x.shape
        k, q, v = self.key(x), self.query(x), self.value(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        return self.dropout(wei) @ v


class MHA(nn.Module):
    def __init__(self, d, n, block):
        super().__init__()
        self.heads = nn.ModuleList([Head(d, d // n, block) for _ in range(n)])
        self.proj = nn.Linear(d, d)

    def forward(self, x):
        return self.proj(torch.cat([h(x) for h in self.heads], dim=-1))


class Block(nn.Module):
    def __init__(self, d, n, block):
        super().__init__()
        self.sa = MHA(d, n, block)
        self.ff = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))
        self.ln1 = nn.LayerNorm(d)
        self.ln2 = nn.LayerNorm(d)

    def forward(self, x):
        x = x + self.sa(self.ln1(x))
        return x + self.ff(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, V, d=16, n=2, L=2, block=8):
        super().__init__()
        self.block = block
        self.tok = nn.Embedding(V, d)
        self.pos = nn.Embedding(block, d)
        self.blocks = nn.Sequential(*[Block(d, n, block) for _ in range(L)])
        self.ln = nn.LayerNorm(d)
        self.lm = nn.Linear(d, V, bias=False)
        self.lm.weight = self.tok.weight
        self.apply(self._init)

    def _init(self, m):
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, mean=0.0, std=0.02)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.02)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        x = self.tok(idx) + self.pos(torch.arange(T, device=idx.device))
        logits = self.lm(self.ln(self.blocks(x)))
        return logits, None if targets is None else F.cross_entropy(logits.view(B * T, -1), targets.view(-1))

    @torch.no_grad()
    def generate(self, idx, n, temperature=1.0, top_k=None):
        for _ in range(n):
            logits, _ = self(idx[:, -self.block :])
            logits = logits[:, -1] / temperature
            if top_k:
                v, _ = torch.topk(logits, top_k)
                logits[logits < v[:, [-1]]] = -float("inf")
            idx = torch.cat((idx, torch.multinomial(F.softmax(logits, -1), 1)), 1)
        return idx


text = "hello world, hello torch, hello gradients. " * 4
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
itos = dict(enumerate(chars))
data = torch.tensor([stoi[c] for c in text])


def batch(n=8, b=8):
    ix = torch.randint(len(data) - b, (n,))
    return torch.stack([data[i : i + b] for i in ix]), torch.stack([data[i + 1 : i + b + 1] for i in ix])


m = GPT(len(chars))
print(m)
print(sum(p.numel() for p in m.parameters()), len(list(m.parameters())), m.lm.weight is m.tok.weight, len(m.state_dict()))
decay = [p for p in m.parameters() if p.dim() >= 2]
nodecay = [p for p in m.parameters() if p.dim() < 2]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.1}, {"params": nodecay, "weight_decay": 0.0}], lr=3e-3, betas=(0.9, 0.95))
print(opt)
sched = torch.optim.lr_scheduler.SequentialLR(
    opt, [torch.optim.lr_scheduler.LinearLR(opt, 0.1, total_iters=3), torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12, 1e-4)], [3]
)
for it in range(15):
    xb, yb = batch()
    _, loss = m(xb, yb)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    n = nn.utils.clip_grad_norm_(m.parameters(), 1.0)
    opt.step()
    sched.step()
    if it % 3 == 0:
        print(it, f"{loss.item():.3f} {n:.3f} {sched.get_last_lr()[0]:.5f}")
lo, _ = m(xb[:1])
print(lo.shape, lo.grad_fn.name(), m.ln(torch.ones(16)).grad_fn.name(), m.blocks[0].sa(torch.zeros(1, 2, 16)).grad_fn.name())
out = m.generate(torch.zeros(1, 1, dtype=torch.long), 12, top_k=5)
print(out.shape, "".join(itos[i] for i in out[0].tolist())[:1] in chars, math.exp(loss.item()) < len(chars))
q = torch.randn(1, 2, 4, 8, requires_grad=True)
o = F.scaled_dot_product_attention(q, q, q, is_causal=True)
print(o.shape, o[0, 0, 0, :2], torch.allclose(o[0, 0, 0], q[0, 0, 0], atol=1e-5))
mha = nn.MultiheadAttention(8, 2, batch_first=True)
a, w = mha(q[0], q[0], q[0], need_weights=True)
print(a.shape, w.shape, w.sum(-1), a.grad_fn.name())
a2, w2 = mha(q[0], q[0], q[0], need_weights=False)
print(torch.allclose(a, a2, atol=1e-5), w2)
enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
print(enc.eval()(q[0].detach())[0, 0])
kpm = torch.tensor([[False, False, True, True]] * 2)
print(enc(q[0].detach(), src_key_padding_mask=kpm).shape)
rope = torch.outer(torch.arange(4).float(), 1.0 / 10000 ** (torch.arange(0, 8, 2) / 8))
cs, sn = rope.cos(), rope.sin()
x1, x2 = q[..., ::2], q[..., 1::2]
print(torch.stack([x1 * cs - x2 * sn, x1 * sn + x2 * cs], -1).flatten(-2).shape)


class RMS(nn.Module):
    def __init__(self, d, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.w = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return self.w * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)


print(torch.allclose(RMS(8)(q), F.rms_norm(q, (8,), eps=1e-6), atol=1e-6), nn.RMSNorm(8), F.rms_norm(q, (8,)).grad_fn.name())
