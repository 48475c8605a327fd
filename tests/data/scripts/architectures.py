import math, copy, itertools
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F


def sec(t):
    print("---", t)
    torch.manual_seed(0)


def p(*a):
    print(
        *[
            round(float(x.detach() if isinstance(x, torch.Tensor) else x), 4)
            if (isinstance(x, torch.Tensor) and x.numel() == 1) or isinstance(x, float)
            else x
            for x in a
        ]
    )


sec("nanogpt")


class Head(nn.Module):
    def __init__(s, n, h, T):
        super().__init__()
        s.k = nn.Linear(n, h, bias=False)
        s.q = nn.Linear(n, h, bias=False)
        s.v = nn.Linear(n, h, bias=False)
        s.register_buffer("tril", torch.tril(torch.ones(T, T)))
        s.d = nn.Dropout(0.1)

    def forward(s, x):
        B, T, C = x.shape
        k, q, v = s.k(x), s.q(x), s.v(x)
        w = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        w = w.masked_fill(s.tril[:T, :T] == 0, float("-inf"))
        return s.d(F.softmax(w, -1)) @ v


class Block(nn.Module):
    def __init__(s, n, nh, T):
        super().__init__()
        s.h = nn.ModuleList([Head(n, n // nh, T) for _ in range(nh)])
        s.pr = nn.Linear(n, n)
        s.ff = nn.Sequential(nn.Linear(n, 4 * n), nn.GELU(), nn.Linear(4 * n, n), nn.Dropout(0.1))
        s.l1 = nn.LayerNorm(n)
        s.l2 = nn.LayerNorm(n)

    def forward(s, x):
        x = x + s.pr(torch.cat([h(s.l1(x)) for h in s.h], -1))
        return x + s.ff(s.l2(x))


class GPT(nn.Module):
    def __init__(s, V, n, T):
        super().__init__()
        s.te = nn.Embedding(V, n)
        s.pe = nn.Embedding(T, n)
        s.b = nn.Sequential(*[Block(n, 2, T) for _ in range(2)])
        s.ln = nn.LayerNorm(n)
        s.lm = nn.Linear(n, V)
        s.apply(s._init)
        s.T = T

    def _init(s, m):
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, 0.0, 0.02)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, 0.0, 0.02)

    def forward(s, i, t=None):
        B, T = i.shape
        x = s.ln(s.b(s.te(i) + s.pe(torch.arange(T, device=i.device))))
        lg = s.lm(x)
        if t is None:
            return lg, None
        return lg, F.cross_entropy(lg.view(-1, lg.size(-1)), t.view(-1))

    @torch.no_grad()
    def generate(s, i, n):
        for _ in range(n):
            lg, _ = s(i[:, -s.T :])
            pr = F.softmax(lg[:, -1, :], -1)
            i = torch.cat((i, torch.multinomial(pr, 1)), 1)
        return i


text = "hello world, hello autograd " * 10
ch = sorted(set(text))
st = {c: i for i, c in enumerate(ch)}
data = torch.tensor([st[c] for c in text])
g = GPT(len(ch), 16, 8)
o = torch.optim.AdamW(g.parameters(), lr=1e-2)
for it in range(15):
    ix = torch.randint(len(data) - 8, (4,))
    x = torch.stack([data[i : i + 8] for i in ix])
    y = torch.stack([data[i + 1 : i + 9] for i in ix])
    _, l = g(x, y)
    o.zero_grad(set_to_none=True)
    l.backward()
    o.step()
p(l, sum(q.numel() for q in g.parameters()))
g.eval()
print(g.generate(torch.zeros((1, 1), dtype=torch.long), 12).shape)
sec("resnet")


class BB(nn.Module):
    def __init__(s, i, o, st=1):
        super().__init__()
        s.c1 = nn.Conv2d(i, o, 3, st, 1, bias=False)
        s.b1 = nn.BatchNorm2d(o)
        s.c2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        s.b2 = nn.BatchNorm2d(o)
        s.sc = nn.Sequential() if st == 1 and i == o else nn.Sequential(nn.Conv2d(i, o, 1, st, bias=False), nn.BatchNorm2d(o))

    def forward(s, x):
        return F.relu(s.b2(s.c2(F.relu(s.b1(s.c1(x))))) + s.sc(x))


net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), BB(4, 4), BB(4, 8, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
for m in net.modules():
    if isinstance(m, nn.Conv2d):
        nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
o = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
sc = torch.optim.lr_scheduler.CosineAnnealingLR(o, 5)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)
x = torch.randn(6, 3, 8, 8)
y = torch.randint(0, 3, (6,))
for i in range(5):
    o.zero_grad()
    l = crit(net(x), y)
    l.backward()
    o.step()
    sc.step()
p(l, (net(x).argmax(1) == y).float().mean(), net[1].b1.running_mean.abs().sum())
sec("lstm")


class S(nn.Module):
    def __init__(s):
        super().__init__()
        s.e = nn.Embedding(20, 6, padding_idx=0)
        s.l = nn.LSTM(6, 5, 2, batch_first=True, bidirectional=True, dropout=0.2)
        s.f = nn.Linear(10, 1)

    def forward(s, x):
        o, (h, c) = s.l(s.e(x))
        return s.f(torch.cat((h[-2], h[-1]), 1)).squeeze(1)


s = S()
o = torch.optim.Adam(s.parameters(), lr=0.01)
x = torch.randint(1, 20, (4, 7))
y = torch.tensor([0.0, 1, 1, 0])
for i in range(4):
    o.zero_grad()
    l = F.binary_cross_entropy_with_logits(s(x), y)
    l.backward()
    nn.utils.clip_grad_norm_(s.parameters(), 1.0)
    o.step()
p(l)
sec("wgan-gp, pinn, maml")
D = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
r = torch.randn(5, 2)
f = torch.randn(5, 2)
a = torch.rand(5, 1)
xi = (a * r + (1 - a) * f).requires_grad_(True)
gr = torch.autograd.grad(D(xi), xi, torch.ones(5, 1), create_graph=True, retain_graph=True)[0]
gp = ((gr.norm(2, 1) - 1) ** 2).mean()
(D(f).mean() - D(r).mean() + 10 * gp).backward()
p(gp, D[0].weight.grad.norm())
u = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1))
o = torch.optim.Adam(u.parameters(), 1e-2)
for i in range(5):
    t = torch.linspace(0, 1, 9).view(-1, 1).requires_grad_()
    y = u(t)
    dy = torch.autograd.grad(y.sum(), t, create_graph=True)[0]
    d2 = torch.autograd.grad(dy.sum(), t, create_graph=True)[0]
    l = ((d2 + y) ** 2).mean() + (u(torch.zeros(1, 1)) - 1).pow(2).mean()
    o.zero_grad()
    l.backward()
    o.step()
p(l)
w = torch.randn(2, requires_grad=True)


def loss(w, x, y):
    return ((x @ w - y) ** 2).mean()


ml = 0
for k in range(3):
    x = torch.randn(4, 2)
    y = x.sum(1) * k
    (gg,) = torch.autograd.grad(loss(w, x, y), w, create_graph=True)
    ml = ml + loss(w - 0.1 * gg, x, y)
ml.backward()
p(ml)
print(w.grad)
sec("contrastive, distill, mixup, lora")
z = F.normalize(torch.randn(6, 4, requires_grad=True), dim=1)
sim = z @ z.T / 0.5
sim = sim.masked_fill(torch.eye(6, dtype=torch.bool), -9e15)
l = F.cross_entropy(sim, (torch.arange(6) + 3) % 6)
l.backward()
p(l)
t = torch.randn(4, 3)
s_ = torch.randn(4, 3, requires_grad=True)
l = F.kl_div(F.log_softmax(s_ / 2, 1), F.softmax(t / 2, 1), reduction="batchmean") * 4
l.backward()
p(l, s_.grad.abs().sum())
lam = np.random.RandomState(0).beta(1, 1)
idx = torch.randperm(4)
mx = lam * t + (1 - lam) * t[idx]
p(mx.sum())


class LoRA(nn.Module):
    def __init__(s, l, r=2):
        super().__init__()
        s.l = l
        [q.requires_grad_(False) for q in l.parameters()]
        s.A = nn.Parameter(torch.randn(r, l.in_features) * 0.01)
        s.B = nn.Parameter(torch.zeros(l.out_features, r))

    def forward(s, x):
        return s.l(x) + x @ s.A.T @ s.B.T


lo = LoRA(nn.Linear(4, 3))
o = torch.optim.AdamW([q for q in lo.parameters() if q.requires_grad], lr=0.1)
for i in range(3):
    o.zero_grad()
    lo(torch.ones(2, 4)).pow(2).sum().backward()
    o.step()
print(lo.B, sum(q.numel() for q in lo.parameters() if q.requires_grad))
sec("gru seq2seq, custom function, gram")


class Sw(torch.autograd.Function):
    @staticmethod
    def forward(c, x):
        c.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(c, g):
        (x,) = c.saved_tensors
        s = torch.sigmoid(x)
        return g * (s + x * s * (1 - s))


x = torch.randn(5, requires_grad=True)
Sw.apply(x).sum().backward()
print(x.grad, torch.autograd.gradcheck(Sw.apply, (torch.randn(3, dtype=torch.double, requires_grad=True),)))
enc = nn.GRU(3, 4, batch_first=True)
dec = nn.GRUCell(3, 4)
out = nn.Linear(4, 3)
src = torch.randn(2, 5, 3)
_, h = enc(src)
h = h[0]
yt = torch.zeros(2, 3)
ls = 0
for i in range(4):
    h = dec(yt, h)
    yt = out(h)
    ls = ls + F.mse_loss(yt, src[:, i])
ls.backward()
p(ls, enc.weight_hh_l0.grad.norm())
fm = torch.randn(1, 4, 6, 6, requires_grad=True)
b, c, hh, ww = fm.shape
G = fm.view(b * c, hh * ww) @ fm.view(b * c, hh * ww).t() / (b * c * hh * ww)
F.mse_loss(G, torch.eye(4)).backward()
p(fm.grad.norm())
print(
    torch.einsum("bij,bjk->bik", torch.ones(2, 2, 3), torch.ones(2, 3, 2)).shape,
    torch.cdist(torch.eye(2), torch.zeros(1, 2)),
    torch.logsumexp(torch.ones(3), 0),
    torch.topk(torch.tensor([3.0, 1.0, 2.0]), 2),
)
enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0), 2)
y = enc(torch.randn(2, 3, 8))
y.sum().backward()
p(y.abs().sum())
