import torch, torch.nn as nn, math
from torch.optim.optimizer import Optimizer, required

print("--- own optimizers")


class Lion(Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        if lr <= 0:
            raise ValueError("bad")
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"] = torch.zeros_like(p)
                m = state["exp_avg"]
                b1, b2 = group["betas"]
                upd = m * b1 + p.grad * (1 - b1)
                p.add_(torch.sign(upd), alpha=-group["lr"])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)
        return loss


torch.manual_seed(0)
m = nn.Linear(3, 2)
o = Lion(m.parameters(), lr=0.01, weight_decay=0.1)
sch = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 2)
for i in range(8):
    o.zero_grad()
    l = m(torch.randn(4, 3)).square().mean()
    l.backward()
    o.step()
    sch.step(i + 0.5)
print(m.weight, o, [f"{x:.5f}" for x in sch.get_last_lr()])


class WarmupCosine(torch.optim.lr_scheduler._LRScheduler):
    def __init__(self, opt, warm, total, last_epoch=-1):
        self.warm, self.total = warm, total
        super().__init__(opt, last_epoch)

    def get_lr(self):
        e = self.last_epoch
        f = (e + 1) / self.warm if e < self.warm else 0.5 * (1 + math.cos(math.pi * (e - self.warm) / (self.total - self.warm)))
        return [b * f for b in self.base_lrs]


o = torch.optim.Adam(m.parameters(), lr=0.1)
s = WarmupCosine(o, 3, 10)
out = []
for i in range(10):
    o.step()
    out.append(round(s.get_last_lr()[0], 5))
    s.step()
print(out)
for g in o.param_groups:
    g["lr"] *= 0.5
print(o.param_groups[0]["lr"])
print("--- flags")
for kw in (dict(foreach=True), dict(fused=True), dict(maximize=True)):
    torch.manual_seed(1)
    p = nn.Parameter(torch.randn(5))
    o = torch.optim.Adam([p], lr=0.1, **kw)
    for i in range(3):
        p.grad = p.detach() * 2
        o.step()
    print(kw, p.data)
p = nn.Parameter(torch.randn(3).double())
o = torch.optim.RMSprop([p], centered=True, momentum=0.5)
p.grad = torch.ones(3).double()
o.step()
print(p, o.state_dict()["state"])
p = torch.zeros(2, 3).t().requires_grad_()
o = torch.optim.Adagrad([p], lr=0.5)
p.grad = torch.arange(6.0).view(3, 2)
o.step()
print(p)
print("--- sam style")
m = nn.Linear(2, 1)
o = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)
x = torch.randn(5, 2)
for i in range(3):
    m(x).pow(2).mean().backward()
    with torch.no_grad():
        n = torch.norm(torch.stack([p.grad.norm() for p in m.parameters()]))
        es = []
        for p in m.parameters():
            e = p.grad * 0.05 / (n + 1e-12)
            p.add_(e)
            es.append(e)
    o.zero_grad()
    m(x).pow(2).mean().backward()
    with torch.no_grad():
        for p, e in zip(m.parameters(), es):
            p.sub_(e)
    o.step()
    o.zero_grad()
print(m.weight, m.bias)
print("--- gradient accumulation, freezing, groups")
m = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
for p in m[0].parameters():
    p.requires_grad = False
o = torch.optim.AdamW(filter(lambda p: p.requires_grad, m.parameters()), lr=1e-2)
for i in range(4):
    (m(torch.randn(3, 4)).mean() / 2).backward()
    if i % 2:
        o.step()
        o.zero_grad(set_to_none=True)
for p in m[0].parameters():
    p.requires_grad = True
o.add_param_group({"params": m[0].parameters(), "lr": 1e-3})
print(len(o.param_groups), sum(len(g["params"]) for g in o.param_groups), [k for k in o.param_groups[1]])
m(torch.randn(3, 4)).mean().backward()
o.step()
print(m[0].bias, len(o.state))
decay = [p for n, p in m.named_parameters() if p.ndim > 1]
nodecay = [p for n, p in m.named_parameters() if p.ndim <= 1]
o = torch.optim.AdamW([{"params": decay, "weight_decay": 0.1}, {"params": nodecay, "weight_decay": 0.0}], lr=1e-3)
print(o)
o = torch.optim.LBFGS([p := nn.Parameter(torch.tensor([1.5, -0.5]))], lr=1, history_size=5, max_iter=4)


def c():
    o.zero_grad()
    l = ((p - torch.tensor([1.0, 2.0])) ** 2).sum() + p.prod() ** 2
    l.backward()
    return l


for i in range(3):
    print(round(float(o.step(c).detach()), 4))
print(p)
print("--- random bits")
torch.manual_seed(3)
print(
    torch.rand(2, 3).round(decimals=3),
    torch.randn(2).abs().max(),
    torch.randint(0, 5, (2, 2)),
    torch.randperm(5),
    torch.normal(0.0, 1.0, (2,)),
    torch.bernoulli(torch.full((3,), 0.5)),
    torch.empty(2).uniform_(-1, 1),
)
g = torch.Generator()
g.manual_seed(10)
print(
    torch.rand(2, generator=g),
    torch.randn(3, generator=g),
    torch.randint(3, (2,), generator=g),
    torch.randperm(3, generator=g),
    g.initial_seed(),
    torch.initial_seed(),
)
st = torch.get_rng_state()
a = torch.rand(2)
torch.set_rng_state(st)
print(torch.equal(a, torch.rand(2)), torch.random.get_rng_state().shape)
with torch.random.fork_rng():
    torch.manual_seed(0)
    print(torch.rand(1))
print(
    torch.rand(1),
    torch.randn_like(torch.zeros(2, 2)),
    torch.rand_like(torch.zeros(2)),
    torch.randint_like(torch.zeros(2, dtype=torch.long), 5),
    torch.distributions.Uniform(0, 2).sample((2,)),
    torch.multinomial(torch.ones(4), 2),
)
d = nn.Dropout(0.5)
print(d(torch.ones(6)), nn.functional.dropout(torch.ones(4), 0.25), d.eval()(torch.ones(2)))
x = torch.randn(3, 4)
print(x[torch.randperm(3)][:, :2], x.std(), x.mean())
