"""What tensors are called that no variable of the script holds: by the argument, the list or the attribute that does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.session import Session
from gradviz.debugger.watch import Names, WatchProblem, evaluate, parse
from gradviz.running.recorded import record_here

HEAD = """import torch
from torch import nn
x = torch.randn(4, 2)
"""
TRAIN = """
def train(model, steps=2):
    '''The usual loop.'''
    for _ in range(steps):
        model(x).pow(2).mean().backward()
"""
NET = "nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))"
OF_NET = ["0.weight", "0.bias", "2.weight", "2.bias"]
LEAF = "torch.randn(2, 2, requires_grad=True)"
SCRIPTS = {
    "a model passed on at once": (f"{TRAIN}train({NET})", OF_NET),
    "a model passed on by name of the argument": (f"{TRAIN}train(steps=1, model={NET})", OF_NET),
    "a model made in a function": (f"{TRAIN}def make():\n    return {NET}\ntrain(make())", OF_NET),
    "a model that is compiled": (f"{TRAIN}net = torch.compile({NET})\ntrain(net)", OF_NET),
    "models in a list": (
        "nets = [nn.Linear(2, 2), nn.Linear(2, 1)]\nnets[1](nets[0](x)).sum().backward()",
        ["0.weight", "0.bias", "1.weight", "1.bias"],
    ),
    "models in a dict": (
        "nets = {'actor': nn.Linear(2, 1), 'critic': nn.Linear(2, 1)}\n(nets['actor'](x) + nets['critic'](x)).sum().backward()",
        ["actor.weight", "actor.bias", "critic.weight", "critic.bias"],
    ),
    "a model in an attribute of a plain class": (
        f"class Trainer:\n    def __init__(self):\n        self.net = {NET}\n    def go(self):\n        self.net(x).sum().backward()\nTrainer().go()",
        OF_NET,
    ),
    "a module of the script passed on at once": (
        "class Net(nn.Module):\n    def __init__(self, inner):\n        super().__init__()\n        self.inner, self.out = inner, nn.Linear(2, 1)\n"
        f"    def forward(self, x):\n        return self.out(self.inner(x))\n{TRAIN}train(Net(nn.Linear(2, 2)))",
        ["inner.weight", "inner.bias", "out.weight", "out.bias"],
    ),
    "what a module holds and does not know of": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.heads = [nn.Linear(2, 1) for _ in range(2)]\n"
        f"        self.scale = {LEAF}\n    def forward(self, x):\n        return sum(head(x) for head in self.heads) * self.scale.sum()\n"
        "net = Net()\nnet(x).sum().backward()",
        ["heads.0.weight", "heads.0.bias", "heads.1.weight", "heads.1.bias", "scale"],
    ),
    "two models of the same layers": (
        "G = nn.Sequential(nn.Linear(2, 2))\nD = nn.Sequential(nn.Linear(2, 1))\nD(G(x)).sum().backward()\nfor net in (G, D):\n    net(x)",
        ["G.0.weight", "G.0.bias", "D.0.weight", "D.0.bias"],
    ),
    "two models of one function": (
        "def made():\n    net = nn.Sequential(nn.Linear(2, 2, bias=False))\n    return net\n"
        "G = made()\nD = made()\nagain = D\nD(G(x)).sum().backward()",
        ["G.0.weight", "D.0.weight"],
    ),
    "two layers": (
        "first = nn.Linear(2, 2, bias=False)\nlast = nn.Linear(2, 1)\nlast(first(x)).sum().backward()",
        ["first.weight", "last.weight", "bias"],
    ),
    "layers of a model that a loop walks through": (
        f"net = {NET}\nh = x * 1\nfor layer in net:\n    h = layer(h)\nh.sum().backward()",
        OF_NET,
    ),
    "leaves in a list": (f"ws = [{LEAF} for _ in range(2)]\n(x @ ws[0] @ ws[1]).sum().backward()", ["ws[0]", "ws[1]"]),
    "leaves appended": (
        f"ws = []\nfor _ in range(2):\n    ws.append({LEAF})\n(x @ ws[0] @ ws[1]).sum().backward()",
        ["ws[0]", "ws[1]"],
    ),
    "leaves in a dict, one by one": (f"p = {{}}\np['w'] = {LEAF}\n(x @ p['w']).sum().backward()", ["p['w']"]),
    "a leaf in an attribute": (f"class M:\n    pass\nm = M()\nm.w = {LEAF}\n(x @ m.w).sum().backward()", ["w"]),
    "a loop over the parameters of a model": (
        f"net = {NET}\nnet(x).sum().backward()\nfor name, p in net.named_parameters():\n    print(name, p.grad.norm())",
        OF_NET,
    ),
    "a loop over the parameters of a model of a function": (
        f"def made():\n    net = {NET}\n    net(x).sum().backward()\n    return net\nfor p in made().parameters():\n    p.grad = None",
        OF_NET,
    ),
    "a loop over a list of leaves": (
        f"ws = [{LEAF} for _ in range(2)]\n(x @ ws[0] @ ws[1]).sum().backward()\nfor w in ws:\n    w.grad = None",
        ["ws[0]", "ws[1]"],
    ),
    "the first of two variables": (f"w = {LEAF}\nh = w\nfor _ in range(2):\n    h = x @ h\n    h.sum().backward()\n    h = w", ["w"]),
    "variables for what a list has": (f"ws = [{LEAF} for _ in range(2)]\nu, v = ws\n(x @ u @ v).sum().backward()", ["u", "v"]),
    "the caller's variable for what a function made": (
        f"def made():\n    t = {LEAF}\n    return t\nu, v = made(), made()\n(x @ u @ v).sum().backward()",
        ["u", "v"],
    ),
    "a function that has the leaf under a name of its own": (
        f"w = {LEAF}\ndef step(p):\n    q = p\n    with torch.no_grad():\n        q -= q.grad\n(x @ w).sum().backward()\nstep(w)",
        ["w"],
    ),
    "a leaf passed on at once": (f"def line(x, w):\n    return x @ w\nline(x, {LEAF}).sum().backward()", ["w"]),
}


def session_of(folder: Path, source: str) -> Session:
    path = folder / "script.py"
    path.write_text(HEAD + source + "\n")
    recording, code = record_here(str(path))
    assert code == 0
    return Session(recording)


def leaves(session: Session) -> list[str]:
    return [node.title for node in session.graph().nodes if node.is_leaf and node.requires_grad]


@pytest.mark.parametrize(("source", "names"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_leaf_without_a_variable_has_the_name_of_where_it_is_kept(tmp_path: Path, source: str, names: list[str]) -> None:
    assert leaves(session_of(tmp_path, source)) == names


def test_what_a_backward_of_the_script_unpacks_keeps_its_name(tmp_path: Path) -> None:
    source = (
        "class Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a):\n        ctx.save_for_backward(a)\n        return a * 2\n"
        "    @staticmethod\n    def backward(ctx, up):\n        (a,) = ctx.saved_tensors\n        return up * 2\n"
        f"w = {LEAF}\nh = Double.apply(w)\ny = Double.apply(h)\ny.sum().backward()"
    )
    titles = [node.title for node in session_of(tmp_path, source).graph().nodes]
    assert {"w", "h", "y"} <= set(titles)


def test_a_name_that_says_more_stays(tmp_path: Path) -> None:
    source = f"net = {NET}\nfirst = net[0]\npair = [net[0], net[2]]\nclass A:\n    pass\na = A()\na.first = first\nnet(x).sum().backward()"
    session = session_of(tmp_path, source)
    assert leaves(session) == OF_NET
    end = session.length - 1
    for text in ("first.weight", "net[0].weight"):
        assert np.asarray(evaluate(session, parse(text), end)).shape == (3, 2)


def test_what_a_list_holds_is_watched_as_the_script_writes_it(tmp_path: Path) -> None:
    session = session_of(
        tmp_path, f"ws = [{LEAF} for _ in range(2)]\nnets = {{'a': nn.Linear(2, 1)}}\nnets['a'](x @ ws[1]).sum().backward()"
    )
    end = session.length - 1
    assert "ws[1]" in Names(session).known
    assert np.asarray(evaluate(session, parse("ws[1]"), end)).shape == (2, 2)
    assert np.asarray(evaluate(session, parse("ws[1][0]"), end)).shape == (2,)
    assert np.asarray(evaluate(session, parse("ws[1].grad"), end)).shape == (2, 2)
    assert np.asarray(evaluate(session, parse('nets["a"].weight'), end)).shape == (1, 2)
    assert np.asarray(evaluate(session, parse("x[0]"), end)).shape == (2,)
    with pytest.raises(WatchProblem):
        evaluate(session, parse("ws[2]"), end)


def test_an_argument_is_read_once_and_nothing_of_the_script_runs_twice(tmp_path: Path) -> None:
    source = (
        "class Odd:\n    count = 0\n    @property\n    def w(self):\n        Odd.count += 1\n        return self._w\n"
        "    @w.setter\n    def w(self, value):\n        self._w = value\n    def __getitem__(self, key):\n        Odd.count += 1\n        return 1\n"
        "    def __setitem__(self, key, value):\n        pass\n    def append(self, value):\n        pass\n"
        "o = Odd()\no.w = torch.ones(1)\no['a'] = torch.ones(1)\no.append(torch.ones(1))\nassert Odd.count == 0, Odd.count"
    )
    session_of(tmp_path, source)
