import torch, torch.nn as nn, warnings
from collections import OrderedDict

warnings.simplefilter("ignore")
torch.manual_seed(0)


def t(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, str(e)[:300])


m = nn.Sequential(OrderedDict(a=nn.Linear(2, 3), b=nn.BatchNorm1d(3)))
t(lambda: m.get_buffer("b.running_mean"))
t(lambda: m.get_parameter("a.bias").shape)
t(lambda: m.get_submodule("x"))
t(lambda: m.get_buffer("a.weight"))
t(lambda: m.get_parameter("b.running_mean"))
m.set_submodule("a", nn.Linear(2, 3, bias=False))
print(m)
t(lambda: m.cuda())
t(lambda: m.cpu() is m)
t(lambda: m.to("cpu") is m)
t(lambda: m.type(torch.float64).a.weight.dtype)
m.float()
t(lambda: m.half().a.weight.dtype)
m.float()
t(lambda: next(m.parameters()).device)
h = m._register_state_dict_hook(lambda mod, sd, p, l: sd.update(extra=torch.ones(1))) if hasattr(m, "_register_state_dict_hook") else None
print(list(m.state_dict()))
h.remove()
h = m.register_state_dict_post_hook(lambda mod, sd, p, l: [sd.pop("a.weight")][1:] or None)
print(list(m.state_dict()))
h.remove()
h = m.register_state_dict_pre_hook(lambda mod, p, k: print("pre", repr(p), k))
m.state_dict(prefix="z.")
h.remove()
h = m.register_load_state_dict_pre_hook(lambda mod, sd, p, l, s, mi, un, er: print("loading", len(sd)))
m.load_state_dict(m.state_dict())
h.remove()
h = m.register_load_state_dict_post_hook(lambda mod, k: print("loaded", k))
m.load_state_dict(m.state_dict())
h.remove()


class X(nn.Module):
    def __init__(s):
        super().__init__()
        s.n = 3
        s.w = nn.Parameter(torch.zeros(2))

    def get_extra_state(s):
        return {"n": s.n}

    def set_extra_state(s, v):
        s.n = v["n"]


x = X()
print(x.state_dict())
x.n = 5
sd = x.state_dict()
y = X()
print(y.load_state_dict(sd), y.n)
t(lambda: m.load_state_dict({"q": 1}))
t(lambda: m.load_state_dict(OrderedDict(m.state_dict(), q=torch.ones(1)), strict=False))
t(lambda: m.load_state_dict([1]))
t(lambda: m.register_buffer("a", torch.ones(1)))
t(lambda: m.register_buffer("x.y", torch.ones(1)))
t(lambda: m.register_parameter("", None))
t(lambda: m.add_module("b.c", nn.ReLU()))
t(lambda: m.register_module("n", nn.ReLU()))
t(lambda: m.zzz)
t(lambda: m.apply(lambda l: print(type(l).__name__)) is m)
t(lambda: m.compile())
t(lambda: m.share_memory() is m)
t(lambda: m.requires_grad_(False).a.weight.requires_grad)
t(lambda: m.extra_repr())
t(lambda: nn.Module()(1))
t(lambda: [n for n, _ in m.named_buffers()])
print(nn.init.xavier_uniform(torch.empty(1, 2)).shape if hasattr(nn.init, "xavier_uniform") else "no")
m2 = nn.Linear(2, 2)
m2.w2 = nn.Parameter(torch.ones(1))
del m2.w2
print(m2.state_dict().keys(), hasattr(m2, "w2"))
m2.weight = None
print(m2)
for h in (True, False):
    hk = m2.register_forward_hook(lambda mod, i, o: print("hook"), prepend=h)
    hk.remove()
