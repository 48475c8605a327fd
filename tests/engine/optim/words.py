"""Snippets about optimizers and schedulers: tools/optimizer_goldens.py stores what PyTorch prints, the tests print the same."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

SNIPPETS: dict[str, str] = {
    "reprs": """
for kind in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "LBFGS", "Rprop", "ASGD"):
    print(getattr(torch.optim, kind)([p()], lr=0.1))
""",
    "groups": """
o = torch.optim.SGD([{"params": p(), "lr": 0.5}, {"params": [p(), p()], "momentum": 0.9}], lr=0.1)
print(o)
o.add_param_group({"params": [p()]})
print(len(o.param_groups), [len(g["params"]) for g in o.param_groups], sorted(o.param_groups[2]))
print(o.state_dict()["param_groups"])
""",
    "state": """
x = p()
o = torch.optim.Adam([x], lr=0.1)
x.grad = torch.ones(3)
o.step()
print(o.state_dict())
print(o.state[x]["step"], type(o.state).__name__, list(o.state[x]))
""",
    "named": """
m = torch.nn.Linear(2, 1)
o = torch.optim.SGD(m.named_parameters(), lr=0.1)
print(o.param_groups[0]["param_names"], o.state_dict())
""",
    "zero grad": """
x = p()
o = torch.optim.SGD([x], lr=0.1)
x.grad = torch.ones(3)
o.zero_grad(set_to_none=False)
print(x.grad)
o.zero_grad()
print(x.grad)
""",
    "closure": """
x = p()
o = torch.optim.SGD([x], lr=0.1)
def closure():
    o.zero_grad()
    loss = (x ** 2).sum()
    loss.backward()
    print("asked", torch.is_grad_enabled())
    return loss
with torch.no_grad():
    print(o.step(closure), x)
print(o.step())
""",
    "hooks": """
x = p()
o = torch.optim.SGD([x], lr=0.1)
before = o.register_step_pre_hook(lambda o, args, kwargs: print("before", len(args), kwargs))
after = o.register_step_post_hook(lambda o, args, kwargs: print("after", len(args), kwargs))
x.grad = torch.ones(3)
o.step()
before.remove()
o.step(closure=None)
o.register_state_dict_post_hook(lambda o, s: {**s, "more": 1})
o.register_load_state_dict_pre_hook(lambda o, s: print("loading", sorted(s)))
o.register_load_state_dict_post_hook(lambda o: print("loaded"))
o.load_state_dict(o.state_dict())
""",
    "hook that returns nonsense": """
o = torch.optim.SGD([p()], lr=0.1)
o.register_step_pre_hook(lambda o, args, kwargs: 3)
try:
    o.step()
except RuntimeError as e:
    print(str(e)[-50:])
""",
    "hooks of all": """
from torch.optim.optimizer import register_optimizer_step_post_hook
handle = register_optimizer_step_post_hook(lambda o, args, kwargs: print("stepped", type(o).__name__))
torch.optim.SGD([p()], lr=0.1).step()
torch.optim.Adam([p()], lr=0.1).step()
handle.remove()
torch.optim.Adam([p()], lr=0.1).step()
""",
    "own optimizer": """
class Signs(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for q in group["params"]:
                if q.grad is not None:
                    self.state[q]["n"] = self.state[q].get("n", 0) + 1
                    q.add_(q.grad.sign(), alpha=-group["lr"])
x = p()
o = Signs([x])
s = torch.optim.lr_scheduler.StepLR(o, 1, 0.5)
for _ in range(3):
    x.grad = torch.tensor([1.0, -2.0, 0.0])
    o.step()
    s.step()
print(o, x, o.state_dict()["state"])
""",
    "own optimizer without step": """
class Idle(torch.optim.Optimizer):
    pass
o = Idle([p()], {})
print(o)
try:
    o.step()
except NotImplementedError as e:
    print("not implemented", e)
""",
    "loading": """
a, b = p(), p()
one = torch.optim.SGD([a], lr=0.1, momentum=0.9)
a.grad = torch.ones(3)
one.step()
two = torch.optim.SGD([b], lr=0.5)
two.load_state_dict(one.state_dict())
print(two, two.state[b])
""",
    "loading elsewhere": """
one = torch.optim.SGD([p()], lr=0.1)
for groups in ([p(), p()], [{"params": p()}, {"params": p()}]):
    try:
        torch.optim.SGD(groups, lr=0.1).load_state_dict(one.state_dict())
    except ValueError as e:
        print(e)
""",
    "a frozen and an unused parameter": """
x, y, z = p(), p(), p()
z.requires_grad_(False)
o = torch.optim.Adam([x, y, z], lr=0.1)
x.grad = torch.ones(3)
o.step()
print(x, y, z, len(o.state))
""",
    "versions": """
x = p()
o = torch.optim.SGD([x], lr=0.1, momentum=0.9)
print(x._version)
x.grad = torch.ones(3)
o.step()
o.step()
print(x._version, x.is_leaf, x.requires_grad)
""",
    "backward after step": """
x = p()
o = torch.optim.SGD([x], lr=0.1)
loss = (x * x).sum()
loss.backward(retain_graph=True)
o.step()
try:
    loss.backward()
except RuntimeError as e:
    print(str(e)[:150])
""",
    "scheduler states": """
L = torch.optim.lr_scheduler
def o():
    return torch.optim.SGD([p()], lr=0.1, momentum=0.9)
for s in (L.StepLR(o(), 3), L.MultiStepLR(o(), [1, 2, 2]), L.ExponentialLR(o(), 0.9), L.CosineAnnealingLR(o(), 5), L.LinearLR(o()),
          L.ConstantLR(o()), L.PolynomialLR(o()), L.ReduceLROnPlateau(o()), L.CosineAnnealingWarmRestarts(o(), 4),
          L.LambdaLR(o(), lambda e: 1), L.OneCycleLR(o(), 0.5, 10)):
    print(type(s).__name__, {k: v for k, v in s.state_dict().items() if k not in ("_schedule_phases",)})
""",
    "groups of schedulers": """
o = torch.optim.SGD([p()], lr=0.1)
s = torch.optim.lr_scheduler.StepLR(o, 2)
print(o.param_groups[0]["initial_lr"], s.base_lrs, s.get_last_lr(), s.last_epoch)
o.step(); s.step()
print(s.get_last_lr(), s.last_epoch)
""",
    "resuming": """
o = torch.optim.SGD([p()], lr=0.1)
s = torch.optim.lr_scheduler.ExponentialLR(o, 0.5)
for _ in range(3):
    o.step(); s.step()
kept = s.state_dict()
o2 = torch.optim.SGD([p()], lr=0.1)
s2 = torch.optim.lr_scheduler.ExponentialLR(o2, 0.5)
s2.load_state_dict(kept)
o2.load_state_dict(o.state_dict())
o2.step(); s2.step()
print(s2.get_last_lr(), s2.last_epoch, o2.param_groups[0]["lr"])
s3 = torch.optim.lr_scheduler.StepLR(o2, 2, 0.1, last_epoch=3)
print(s3.get_last_lr(), s3.last_epoch)
""",
    "warnings": """
o = torch.optim.SGD([p()], lr=0.1)
s = torch.optim.lr_scheduler.StepLR(o, 2)
s.step()
s.get_lr()
o.step()
s.step(5)
torch.optim.SGD([x := p(), x], lr=0.1)
""",
    "a rate that is a tensor": """
x = p()
rate = torch.tensor(0.1)
o = torch.optim.SGD([x], lr=rate)
s = torch.optim.lr_scheduler.ExponentialLR(o, 0.5)
x.grad = torch.ones(3)
o.step(); s.step()
print(x, o.param_groups[0]["lr"], rate)
o.step()
print(x)
""",
}

ERRORS = [
    "torch.optim.SGD([], lr=0.1)",
    "torch.optim.SGD(p(), lr=0.1)",
    "torch.optim.SGD([1.0], lr=0.1)",
    "torch.optim.SGD(['a'], lr=0.1)",
    "torch.optim.SGD([p() * 2], lr=0.1)",
    "torch.optim.SGD({p()}, lr=0.1)",
    "torch.optim.SGD([{'params': {p()}}], lr=0.1)",
    "torch.optim.SGD([{'params': x}, {'params': x}], lr=0.1)",
    "torch.optim.SGD([torch.nn.Linear(1, 1).parameters()], lr=0.1)",
    "torch.optim.SGD([len], lr=0.1)",
    "torch.optim.Adam([p()], lr='a')",
    "torch.optim.lr_scheduler.LambdaLR()",
    "torch.optim.lr_scheduler.MultiplicativeLR('o', None)",
    "torch.optim.SGD([p()], lr=-0.1)",
    "torch.optim.SGD([p()], lr=0.1, momentum=-1)",
    "torch.optim.SGD([p()], lr=0.1, weight_decay=-1)",
    "torch.optim.SGD([p()], lr=0.1, nesterov=True)",
    "torch.optim.SGD([p()], lr=torch.ones(2))",
    "torch.optim.SGD([('a', p()), p()], lr=0.1)",
    "torch.optim.SGD([p()], lr=0.1).add_param_group([p()])",
    "torch.optim.Adam([p()], lr=-1.0)",
    "torch.optim.Adam([p()], eps=-1.0)",
    "torch.optim.Adam([p()], betas=(1.0, 0.9))",
    "torch.optim.Adam([p()], betas=(0.9, -0.1))",
    "torch.optim.Adam([p()], weight_decay=-1)",
    "torch.optim.Adam([p()], betas=(0, 0.9))",
    "torch.optim.AdamW([p()], lr=-1.0)",
    "torch.optim.RMSprop([p()], alpha=-1)",
    "torch.optim.RMSprop([p()], momentum=-1)",
    "torch.optim.Adagrad([p()], lr_decay=-1)",
    "torch.optim.Adagrad([p()], initial_accumulator_value=-1)",
    "torch.optim.Adadelta([p()], rho=2)",
    "torch.optim.Adamax([p()], betas=(2, 0.9))",
    "torch.optim.NAdam([p()], momentum_decay=-1)",
    "torch.optim.RAdam([p()], eps=-1)",
    "torch.optim.Rprop([p()], etas=(1.5, 1.2))",
    "torch.optim.LBFGS([{'params': p()}, {'params': p()}])",
    "torch.optim.LBFGS([p()], line_search_fn='other').step(lambda: (x ** 2).sum())",
    "torch.optim.lr_scheduler.StepLR(3, 1)",
    "torch.optim.lr_scheduler.StepLR(o, 1, last_epoch=3)",
    "torch.optim.lr_scheduler.LambdaLR(o, [lambda e: 1, lambda e: 1])",
    "torch.optim.lr_scheduler.MultiplicativeLR(o, 3)",
    "torch.optim.lr_scheduler.ConstantLR(o, 2.0)",
    "torch.optim.lr_scheduler.LinearLR(o, 0.0)",
    "torch.optim.lr_scheduler.LinearLR(o, end_factor=2.0)",
    "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 0)",
    "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 1, 0)",
    "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 1).step(-1)",
    "torch.optim.lr_scheduler.OneCycleLR(o, 0.1)",
    "torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=-1)",
    "torch.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=10)",
    "torch.optim.lr_scheduler.OneCycleLR(torch.optim.Adam([p()]), [0.1, 0.2], total_steps=10)",
    "torch.optim.lr_scheduler.OneCycleLR(torch.optim.Adam([p()]), 0.1, total_steps=10, pct_start=2)",
    "torch.optim.lr_scheduler.OneCycleLR(torch.optim.Adam([p()]), 0.1, total_steps=10, anneal_strategy='x')",
    "torch.optim.lr_scheduler.CyclicLR(o, 0.1, 0.2)",
    "torch.optim.lr_scheduler.CyclicLR(torch.optim.Adam([p()]), 0.1, 0.2, mode='x')",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=2.0)",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(o, mode='x')",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(o, threshold_mode='x')",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(o, min_lr=[0.1, 0.2])",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(3)",
    "torch.optim.lr_scheduler.ReduceLROnPlateau(o).step()",
    "torch.optim.lr_scheduler.SequentialLR(o, [], [])",
    "torch.optim.lr_scheduler.SequentialLR(o, [torch.optim.lr_scheduler.StepLR(o, 1)], [3])",
    "torch.optim.lr_scheduler.SequentialLR(o, [torch.optim.lr_scheduler.ReduceLROnPlateau(o)], [])",
    "torch.optim.lr_scheduler.SequentialLR(o, [torch.optim.lr_scheduler.StepLR(torch.optim.SGD([p()], lr=0.3), 1)], [])",
    "torch.optim.lr_scheduler.ChainedScheduler([])",
]


def _names(torch: Any) -> dict[str, Any]:
    def p() -> Any:
        return torch.tensor([1.0, -2.0, 0.5], requires_grad=True)

    x = p()
    x.grad = torch.ones(3)
    return {"torch": torch, "p": p, "x": x, "o": torch.optim.Adagrad([x], lr=0.1)}


def printed(torch: Any, name: str) -> str:
    """What a snippet prints, warnings included."""
    out = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(out):
        warnings.simplefilter("always")
        exec(SNIPPETS[name], _names(torch))  # the text above, no other
    return out.getvalue() + "".join(f"{w.category.__name__}: {w.message}\n" for w in caught)


def error(torch: Any, text: str) -> list[str]:
    """The type and the words of what is raised."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eval(text, _names(torch))
    except Exception as raised:
        return [type(raised).__name__, str(raised)]
    return ["no error", ""]
