import random, math, copy, os, tempfile
from collections import deque, namedtuple
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torch.utils.data import (
    Dataset,
    DataLoader,
    TensorDataset,
    random_split,
    SubsetRandomSampler,
    WeightedRandomSampler,
    ConcatDataset,
    Subset,
)
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau, CosineAnnealingLR, StepLR
from torch.distributions import Normal, Categorical, Beta, kl_divergence, Independent, MultivariateNormal, Bernoulli


def set_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(s)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("--- vae")
set_seed(0)


class VAE(nn.Module):
    def __init__(s):
        super().__init__()
        s.enc = nn.Linear(8, 6)
        s.mu = nn.Linear(6, 2)
        s.lv = nn.Linear(6, 2)
        s.dec = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 8), nn.Sigmoid())

    def forward(s, x):
        h = torch.relu(s.enc(x))
        mu, lv = s.mu(h), s.lv(h)
        std = torch.exp(0.5 * lv)
        eps = torch.randn_like(std)
        z = mu + eps * std
        return s.dec(z), mu, lv


X = (torch.rand(64, 8) > 0.5).float()
vae = VAE().to(device)
opt = optim.Adam(vae.parameters(), lr=1e-2)
for ep in range(4):
    tot = 0
    for (x,) in DataLoader(TensorDataset(X), batch_size=16, shuffle=True):
        opt.zero_grad()
        r, mu, lv = vae(x)
        loss = F.binary_cross_entropy(r, x, reduction="sum") - 0.5 * torch.sum(1 + lv - mu.pow(2) - lv.exp())
        loss.backward()
        opt.step()
        tot += loss.item()
    print(ep, round(tot / len(X), 4))
print("--- gan")
set_seed(1)
G = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
D = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
og = optim.Adam(G.parameters(), lr=1e-2, betas=(0.5, 0.999))
od = optim.Adam(D.parameters(), lr=1e-2, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
for i in range(20):
    real = torch.randn(16, 1) * 0.5 + 2
    z = torch.randn(16, 2)
    fake = G(z)
    ld = bce(D(real), torch.ones(16, 1)) + bce(D(fake.detach()), torch.zeros(16, 1))
    od.zero_grad()
    ld.backward()
    od.step()
    lg = bce(D(fake), torch.ones(16, 1))
    og.zero_grad()
    lg.backward()
    og.step()
print(f"{ld.item():.4f} {lg.item():.4f} {fake.mean():.4f}")
print("--- dqn")
set_seed(2)
T = namedtuple("T", "s a r n")
mem = deque(maxlen=50)
q = nn.Linear(3, 2)
tq = copy.deepcopy(q)
o = optim.RMSprop(q.parameters(), lr=0.01)
for i in range(60):
    s = torch.rand(3)
    a = random.randrange(2) if random.random() < 0.5 else int(q(s).argmax())
    mem.append(T(s, a, float(s.sum()) * a, torch.rand(3)))
    if len(mem) >= 8:
        b = random.sample(mem, 8)
        S = torch.stack([t.s for t in b])
        A = torch.tensor([t.a for t in b])
        R = torch.tensor([t.r for t in b])
        N = torch.stack([t.n for t in b])
        with torch.no_grad():
            y = R + 0.9 * tq(N).max(1).values
        l = F.smooth_l1_loss(q(S).gather(1, A.unsqueeze(1)).squeeze(1), y)
        o.zero_grad()
        l.backward()
        nn.utils.clip_grad_value_(q.parameters(), 1.0)
        o.step()
    if i % 20 == 0:
        tq.load_state_dict(q.state_dict())
print(l.item(), q.weight)
print("--- thompson")
set_seed(3)
a = torch.ones(3)
b = torch.ones(3)
p = torch.tensor([0.2, 0.5, 0.7])
for t in range(60):
    k = Beta(a, b).sample().argmax().item()
    r = Bernoulli(p[k]).sample()
    a[k] += r
    b[k] += 1 - r
print(a, b)
print("--- actor critic")
set_seed(4)


class AC(nn.Module):
    def __init__(s):
        super().__init__()
        s.b = nn.Linear(4, 16)
        s.pi = nn.Linear(16, 2)
        s.ls = nn.Parameter(torch.zeros(2))
        s.v = nn.Linear(16, 1)

    def forward(s, x):
        h = torch.tanh(s.b(x))
        return Normal(s.pi(h), s.ls.exp()), s.v(h).squeeze(-1)


ac = AC()
o = optim.AdamW(ac.parameters(), lr=3e-3, weight_decay=1e-2)
sch = LambdaLR(o, lambda e: min(1, (e + 1) / 5))
for i in range(10):
    x = torch.randn(12, 4)
    d, v = ac(x)
    act = d.sample()
    lp = d.log_prob(act).sum(-1)
    R = -(act - x[:, :2]).pow(2).sum(-1)
    adv = (R - v).detach()
    loss = -(lp * adv).mean() + 0.5 * F.mse_loss(v, R) - 0.01 * d.entropy().sum(-1).mean()
    o.zero_grad()
    loss.backward()
    n = nn.utils.clip_grad_norm_(ac.parameters(), 0.5)
    o.step()
    sch.step()
print(loss.item(), n.item(), sch.get_last_lr(), ac.ls)
print("--- kfold and samplers")
set_seed(5)
ds = TensorDataset(torch.arange(20.0).view(-1, 1), torch.arange(20) % 2)
idx = np.random.permutation(20)
folds = np.array_split(idx, 4)
for f in range(2):
    tr = np.concatenate([folds[j] for j in range(4) if j != f])
    dl = DataLoader(ds, batch_size=6, sampler=SubsetRandomSampler(tr))
    print([yb.tolist() for _, yb in dl])
w = [0.1 if y == 0 else 0.9 for _, y in ds]
print([xb.squeeze(1).tolist() for xb, _ in DataLoader(ds, batch_size=5, sampler=WeightedRandomSampler(w, 10))])
tr, va, te = random_split(ds, [0.7, 0.15, 0.15], generator=torch.Generator().manual_seed(42))
print(len(tr), len(va), len(te), [int(x) for x, _ in va])
from torch.nn.utils.rnn import pad_sequence


class Seq(Dataset):
    def __init__(s):
        s.d = [torch.arange(n) for n in (3, 1, 4, 2)]

    def __len__(s):
        return len(s.d)

    def __getitem__(s, i):
        return s.d[i], len(s.d[i])


def coll(b):
    xs, ls = zip(*b)
    return pad_sequence(xs, batch_first=True, padding_value=-1), torch.tensor(ls)


for x, l in DataLoader(Seq(), batch_size=2, shuffle=True, collate_fn=coll, num_workers=0):
    print(x.tolist(), l)
print("--- checkpoint")
set_seed(6)
m = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.3), nn.ReLU(), nn.Linear(4, 1))
o = optim.SGD(m.parameters(), lr=0.1, momentum=0.9, nesterov=True)
sc = OneCycleLR(o, max_lr=0.3, total_steps=12)
best = math.inf
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "ck.pt")
    for e in range(12):
        m.train()
        x = torch.randn(10, 3)
        l = F.mse_loss(m(x), x.sum(1, keepdim=True))
        o.zero_grad()
        l.backward()
        o.step()
        sc.step()
        m.eval()
        with torch.no_grad():
            vl = F.mse_loss(m(torch.ones(4, 3)), torch.full((4, 1), 3.0)).item()
        if vl < best:
            best = vl
            torch.save({"epoch": e, "model": m.state_dict(), "opt": o.state_dict(), "loss": vl}, path)
    ck = torch.load(path, weights_only=True)
    print(ck["epoch"], round(ck["loss"], 4), list(ck), list(ck["model"]))
    m.load_state_dict(ck["model"])
    o.load_state_dict(ck["opt"])
    print(m(torch.ones(1, 3)), o.param_groups[0]["lr"])
pl = ReduceLROnPlateau(o, "min", factor=0.5, patience=1)
for v in (1.0, 1.0, 1.0, 0.5, 0.5, 0.5):
    pl.step(v)
print(o.param_groups[0]["lr"], pl.state_dict())
print("--- mvn")
mv = MultivariateNormal(torch.zeros(2), torch.tensor([[2.0, 0.5], [0.5, 1.0]]))
x = mv.sample((3,))
print(x, mv.log_prob(x), mv.entropy())
print(kl_divergence(Normal(torch.zeros(2), torch.ones(2)), Normal(torch.ones(2), 2 * torch.ones(2))))
