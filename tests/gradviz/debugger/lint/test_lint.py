"""Each rule on a text that deserves it, and silence on one that is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.debugger.lint import lint

ROOT = Path(__file__).parents[4]
HEAD = "import torch\n"
LOOP = HEAD + "w = torch.ones(3, requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)\nfor k in range(3):\n"
NET = HEAD + "from torch import nn\nx = torch.randn(8, 3)\nnet = nn.Linear(3, 1)\n"

WRONG = {
    "a loop that never clears": (LOOP + "    loss = (w * 3).sum()\n    loss.backward()\n    opt.step()\n", 6, "zero_grad"),
    "an update by hand that never clears": (
        HEAD + "w = torch.ones(3, requires_grad=True)\nfor k in range(3):\n    (w * 3).sum().backward()\n    with torch.no_grad():\n        w -= 0.1 * w.grad\n", 6, "zero_grad",
    ),
    "cleared between backward and step": (LOOP + "    loss = (w * 3).sum()\n    loss.backward()\n    opt.zero_grad()\n    opt.step()\n", 7, "order"),
    "a step between zero_grad and backward": (LOOP + "    loss = (w * 3).sum()\n    opt.zero_grad()\n    opt.step()\n    loss.backward()\n", 7, "order"),
    "backward twice": (HEAD + "w = torch.ones(3, requires_grad=True)\nloss = (w ** 2).sum()\nloss.backward()\nloss.backward()\n", 5, "twice"),
    "a state that is carried over": (
        HEAD + "w = torch.ones(3, requires_grad=True)\nh = torch.zeros(3)\nfor k in range(3):\n    h = torch.tanh(h + w)\n    h.sum().backward()\n", 5, "carried over",
    ),
    "a total of losses": (LOOP + "    opt.zero_grad()\n    loss = (w * 3).sum()\n    total += loss\n    loss.backward()\n    opt.step()\n", 7, "running total"),
    "a computed leaf": (HEAD + "w = torch.randn(3, requires_grad=True) * 0.1\nopt = torch.optim.SGD([w], lr=0.1)\n", 2, "computed leaf"),
    "a converted leaf": (HEAD + "w = torch.ones(3, requires_grad=True).double()\nw.data -= 1\n", 2, "computed leaf"),
    "a target that does not follow": (
        NET + "for t, s in zip(target.parameters(), net.parameters()):\n    t = 0.9 * t + 0.1 * s\n", 6, "rebound",
    ),
    "a hook that cuts": (NET + "net.register_forward_hook(lambda module, given, out: out.detach())\n", 5, "replaced output"),
    "a hook that returns what it has cut": (
        NET + "def keep(module, given, out):\n    seen = out.detach()\n    return seen\nnet.register_forward_hook(keep)\n", 7, "replaced output",
    ),
    "a schedule that is given a loss": (
        NET + "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nplan = torch.optim.lr_scheduler.StepLR(opt, 5)\nplan.step(val_loss)\n", 7, "schedule given a number",
    ),
    "a setting that no group has": (
        NET + 'opt = torch.optim.SGD([{"params": net.parameters(), "weight_dacay": 0.1}], lr=0.1)\n', 5, "setting of an optimizer",
    ),
    "a buffer that was to be learned": (
        NET + 'class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.register_buffer("b", torch.ones(1))\na = A()\nprint(a.b.grad)\n', 8, "learned buffer",
    ),
    "an update that rebinds": (HEAD + "w = torch.ones(3, requires_grad=True)\nw.sum().backward()\nw = w - 0.1 * w.grad\n", 4, "rebound"),
    "whole numbers": (HEAD + "w = torch.tensor([1, 2], requires_grad=True)\n", 2, "whole numbers"),
    "a written leaf": (HEAD + "w = torch.ones(3, requires_grad=True)\nw += 1\n", 3, "written leaf"),
    "an element of a leaf written": (HEAD + "w = torch.ones(3, requires_grad=True)\nw[0] = 1\n", 3, "written leaf"),
    "a leaf written by a method": (HEAD + "w = torch.ones(3, requires_grad=True)\nw.mul_(2)\n", 3, "written leaf"),
    "a history of one tensor": (LOOP + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    seen.append(w.grad)\n    opt.step()\n", 7, "one tensor"),
    "the gradient of a result": (HEAD + "w = torch.ones(3, requires_grad=True)\nh = w * 2\nh.sum().backward()\nprint(h.grad)\n", 5, "grad of a result"),
    "a loss that was wrapped up again": (HEAD + "w = torch.ones(3, requires_grad=True)\nloss = torch.tensor((w * 2).sum())\nloss.backward()\n", 3, "rewrapped"),
    "a loss that is a number": (HEAD + "w = torch.ones(3, requires_grad=True)\nloss = (w * 2).sum().item()\nloss.backward()\n", 3, "a number"),
    "a loss under no_grad": (HEAD + "w = torch.ones(3, requires_grad=True)\nwith torch.no_grad():\n    loss = w.sum()\nloss.backward()\n", 4, "under no_grad"),
    "a loss of comparisons": (HEAD + "w = torch.ones(3, requires_grad=True)\nloss = (w > 0).float().mean()\nloss.backward()\n", 3, "no slope"),
    "a method that is named": (LOOP + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    opt.step\n", 7, "not called"),
    "an optimizer that never steps": (LOOP + "    opt.zero_grad()\n    (w * 3).sum().backward()\n", 3, "never stepped"),
    "retain_grad too late": (HEAD + "w = torch.ones(3, requires_grad=True)\nh = w * 2\nh.sum().backward()\nh.retain_grad()\n", 5, "late retain_grad"),
    "clipped after the step": (
        LOOP + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    opt.step()\n    torch.nn.utils.clip_grad_norm_([w], 1.0)\n", 8, "clipping",
    ),
    "clipped before backward": (
        LOOP + "    opt.zero_grad()\n    torch.nn.utils.clip_grad_norm_([w], 1.0)\n    (w * 3).sum().backward()\n    opt.step()\n", 6, "clipping",
    ),
    "a backward() that leaves its gradient unused": (
        HEAD + "class Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x * x\n"
        "    @staticmethod\n    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n        return 2 * x\n", 10, "unused cotangent",
    ),
    "a scheduler that steps first": (
        LOOP.replace("for k", "plan = torch.optim.lr_scheduler.StepLR(opt, 1)\nfor k") + "    plan.step()\n    opt.zero_grad()\n    (w * 3).sum().backward()\n    opt.step()\n", 6, "scheduler",
    ),
    "one layer three times": (HEAD + "from torch import nn\nlayers = [nn.Linear(4, 4)] * 3\n", 3, "one layer"),
    "one layer from a comprehension": (HEAD + "from torch import nn\nl = nn.Linear(4, 4)\nlayers = [l for _ in range(3)]\n", 4, "one layer"),
    "dropout that eval() does not turn off": (
        HEAD + "import torch.nn.functional as F\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5)\n", 5, "dropout",
    ),
    "a list of losses": (LOOP + "    opt.zero_grad()\n    loss = (w * 3).sum()\n    loss.backward()\n    opt.step()\n    kept.append(loss)\n", 9, "running total"),
    "a moving average of losses": (
        HEAD + "w = torch.ones(3, requires_grad=True)\nsmooth = torch.zeros(())\nfor k in range(3):\n    loss = (w ** 2).sum()\n    loss.backward()\n"
        "    smooth = 0.9 * smooth + 0.1 * loss\n    w.grad = None\n", 7, "running total",
    ),
    "probabilities for kl_div": (HEAD + "import torch.nn.functional as F\nloss = F.kl_div(torch.softmax(a, 1), b)\n", 3, "wants logarithms"),
    "sigmoid before a loss of logits": (
        HEAD + "from torch import nn\nm = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())\nloss_fn = nn.BCEWithLogitsLoss()\nloss = loss_fn(m(x), y)\n", 3, "squashed twice",
    ),
    "a write through .data": (
        HEAD + "w = torch.ones(3, requires_grad=True)\nloss = (w ** 2).sum()\nw.data.mul_(2)\nloss.backward()\n", 4, "through .data",
    ),
    "softmax twice": (HEAD + "p = torch.softmax(x, dim=1)\nloss = torch.nn.functional.cross_entropy(p, y)\n", 2, "squashed twice"),
    "layers in a plain list": (
        HEAD + "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.layers = [torch.nn.Linear(1, 1)]\n", 5, "plain list",
    ),
    "an optimizer of the model before": (
        HEAD + "m = torch.nn.Linear(1, 1)\no = torch.optim.SGD(m.parameters(), lr=0.1)\nm = torch.nn.Linear(1, 1)\nm(x).sum().backward()\no.step()\n", 4, "old model",
    ),
    "an update uphill": (HEAD + "w = torch.ones(3, requires_grad=True)\nw.sum().backward()\nwith torch.no_grad():\n    w += 0.1 * w.grad\n", 5, "uphill"),
    "a generator that is used up": (
        NET + "def parts(x):\n    for k in range(3):\n        yield x[k]\ndata = parts(x)\nfor epoch in range(3):\n    for part in data:\n        net(part).sum().backward()\n", 8, "used up",
    ),
    "a zip that a function goes through many times": (
        NET + "def fit(data):\n    for epoch in range(3):\n        for a, b in data:\n            net(a).sum().backward()\nfit(zip(x, x))\n", 9, "used up",
    ),
    "a function that goes through a map in each turn": (
        NET + "data = map(abs, x)\ndef train(data):\n    for a in data:\n        net(a).sum().backward()\nfor epoch in range(3):\n    train(data)\n", 5, "used up",
    ),
    "the first batch in each turn": (
        NET + "loader = torch.utils.data.DataLoader(x, batch_size=4)\nfor step in range(9):\n    a = next(iter(loader))\n    net(a).sum().backward()\n", 7, "first batch again",
    ),
    "a loop that ends after its first batch": (
        NET + "loader = torch.utils.data.DataLoader(x, 4)\nfor step in range(9):\n    for a in loader:\n        net(a).sum().backward()\n        break\n", 7, "first batch again",
    ),
    "a model in each epoch": (
        NET + "for epoch in range(3):\n    net = nn.Linear(3, 1)\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n    opt.zero_grad()\n    net(x).sum().backward()\n    opt.step()\n", 6, "model anew",
    ),
    "a layer in forward": (HEAD + "from torch import nn\nclass A(nn.Module):\n    def forward(self, x):\n        return nn.Linear(3, 1)(x)\n", 5, "layer in forward"),
    "a Parameter times a number": (HEAD + "w = torch.nn.Parameter(torch.ones(3)) * 0.1\n", 2, "computed leaf"),
    "an __init__ with one underscore": (HEAD + "class A(torch.nn.Module):\n    def _init_(self):\n        pass\n", 3, "misspelt"),
    "a forward without its r": (HEAD + "class A(torch.nn.Module):\n    def foward(self, x):\n        return x\n", 3, "misspelt"),
    "an error that is maximized": (
        NET + "opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=True)\nloss = nn.functional.mse_loss(net(x), x)\nloss.backward()\n", 5, "uphill",
    ),
    "an error with a minus": (
        NET + "opt = torch.optim.SGD(net.parameters(), lr=0.1)\ncriterion = nn.MSELoss()\nloss = criterion(net(x), x)\n(-loss).backward()\n", 8, "uphill",
    ),
    "inputs and targets in two orders": (HEAD + "x = x[torch.randperm(9)]\ny = y[torch.randperm(9)]\n", 3, "shuffled apart"),
}  # fmt: skip

RIGHT = {
    "a model for each turn that is evaluated at its end": (
        NET
        + "for width in (2, 3):\n    m = nn.Sequential(nn.Linear(3, width), nn.Dropout(0.5))\n    m(x).sum().backward()\n    m.eval()\n    print(m(x).sum())\n"
    ),
    "a slow copy by its state": (
        NET
        + "slow = nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\nfor step in range(3):\n    opt.zero_grad()\n    net(x).pow(2).mean().backward()\n    opt.step()\n"
        "    old, new = slow.state_dict(), net.state_dict()\n    for key in new:\n        old[key] = 0.05 * new[key] + 0.95 * old[key]\n    slow.load_state_dict(old)\n"
    ),
    "a result of a leaf": HEAD + "c = torch.ones(2, requires_grad=True) * 3\nc.sum().backward()\n",
    "a result of a leaf that keeps its gradient": HEAD
    + "c = torch.ones(2, requires_grad=True) * 3\nc.retain_grad()\nc.sum().backward()\nprint(c.grad)\n",
    "a name of a loop that is read": NET
    + "total = 0\nfor p in net.parameters():\n    p = p.flatten()\n    total = total + p.square().sum()\n",
    "a hook that keeps": NET + "seen = []\nnet.register_forward_hook(lambda module, given, out: seen.append(out.detach()))\n",
    "a hook that changes": NET + "net.register_forward_hook(lambda module, given, out: out.clamp(-1, 1))\n",
    "a schedule that is told where it is": NET
    + "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nplan = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, 5)\nfor epoch in range(3):\n    plan.step(epoch + 0.5)\n",
    "a plateau": NET
    + "opt = torch.optim.SGD(net.parameters(), lr=0.1)\nplan = torch.optim.lr_scheduler.ReduceLROnPlateau(opt)\nplan.step(val_loss)\n",
    "a key of a group that the script reads": NET
    + 'opt = torch.optim.SGD([{"params": net.parameters(), "lr_scale": 0.1}], lr=0.1)\nfor group in opt.param_groups:\n    group["lr"] = group["lr_scale"]\n',
    "the usual loop": LOOP + "    opt.zero_grad()\n    loss = (w * 3).sum()\n    loss.backward()\n    opt.step()\n",
    "cleared at the end": LOOP + "    loss = (w * 3).sum()\n    loss.backward()\n    opt.step()\n    opt.zero_grad()\n",
    "cleared by hand": LOOP + "    loss = (w * 3).sum()\n    loss.backward()\n    opt.step()\n    w.grad = None\n",
    "kept for a second pass": HEAD
    + "w = torch.ones(3, requires_grad=True)\nloss = (w ** 2).sum()\nloss.backward(retain_graph=True)\nloss.backward()\n",
    "computed again": HEAD + "w = torch.ones(3, requires_grad=True)\nloss = w.sum()\nloss.backward()\nloss = w.sum()\nloss.backward()\n",
    "a detached state": HEAD
    + "w = torch.ones(3, requires_grad=True)\nh = torch.zeros(3)\nfor k in range(3):\n    h = torch.tanh(h.detach() + w)\n    h.sum().backward()\n",
    "a total of numbers": LOOP
    + "    opt.zero_grad()\n    loss = (w * 3).sum()\n    total += loss.item()\n    loss.backward()\n    opt.step()\n",
    "grad asked for last": HEAD + "w = (torch.randn(3) * 0.1).requires_grad_()\n",
    "written under no_grad": HEAD + "w = torch.ones(3, requires_grad=True)\nwith torch.no_grad():\n    w += 1\n",
    "an initialisation through .data": HEAD
    + "w = torch.ones(3, requires_grad=True)\nw.data.mul_(2)\nloss = (w ** 2).sum()\nloss.backward()\n",
    "a copy of each gradient": LOOP
    + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    seen.append(w.grad.clone())\n    opt.step()\n",
    "a mask": HEAD + "w = torch.ones(3, requires_grad=True)\nloss = (w * (w > 0)).sum()\nloss.backward()\n",
    "a retained gradient": HEAD + "w = torch.ones(3, requires_grad=True)\nh = w * 2\nh.retain_grad()\nh.sum().backward()\nprint(h.grad)\n",
    "a step by someone else": LOOP + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    scaler.step(opt)\n",
    "clipped in between": LOOP
    + "    opt.zero_grad()\n    (w * 3).sum().backward()\n    torch.nn.utils.clip_grad_norm_([w], 1.0)\n    opt.step()\n",
    "layers made one by one": HEAD + "from torch import nn\nlayers = [nn.Linear(4, 4) for _ in range(3)]\n",
    "dropout that knows its mode": HEAD
    + "import torch.nn.functional as F\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5, self.training)\n",
    "a model for another loss": HEAD
    + "from torch import nn\nm = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())\nother = nn.Linear(2, 1)\nloss = nn.BCEWithLogitsLoss()(other(x), m(x))\n",
    "logarithms for kl_div": HEAD + "import torch.nn.functional as F\nloss = F.kl_div(torch.log_softmax(a, 1), b)\n",
    "no Python": "def (:\n",
    "two sets of inputs in orders of their own": HEAD + "real = real[torch.randperm(9)]\nfake = fake[torch.randperm(9)]\n",
    "one order for both": HEAD + "order = torch.randperm(9)\nx = x[order]\ny = y[order]\n",
    "the same order twice": HEAD + "torch.manual_seed(0)\nx = x[torch.randperm(9)]\ntorch.manual_seed(0)\ny = y[torch.randperm(9)]\n",
    "a zip in each turn": NET + "for epoch in range(3):\n    for a, b in zip(x, x):\n        net(a).sum().backward()\n",
    "a stream that has no end": NET
    + "def stream(x):\n    while True:\n        yield x\nbatches = stream(x)\nfor epoch in range(3):\n    for a in batches:\n        net(a).sum().backward()\n        break\n",
    "a generator for one epoch": NET + "data = zip(x, x)\nfor a, b in data:\n    net(a).sum().backward()\n",
    "a batch at random in each turn": NET
    + "loader = torch.utils.data.DataLoader(x, 4, shuffle=True)\nfor step in range(9):\n    net(next(iter(loader))).sum().backward()\n",
    "a model for each number of units": NET
    + "for hidden in (2, 4):\n    net = nn.Linear(3, hidden)\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n    opt.zero_grad()\n    net(x).sum().backward()\n    opt.step()\n",
    "a model for each fold": NET
    + "def fit(k):\n    net = nn.Linear(3, 1)\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n    net(x[k]).sum().backward()\n    opt.step()\nfor step in range(3):\n    fit(step)\n",
    "a layer that the first call makes": HEAD
    + "from torch import nn\nclass A(nn.Module):\n    def forward(self, x):\n        if self.fc is None:\n            self.fc = nn.Linear(3, 1)\n        return self.fc(x)\n",
    "a helper beside __init__": HEAD
    + "class A(torch.nn.Module):\n    def __init__(self):\n        self._init()\n    def _init(self):\n        pass\n",
    "a reward that is maximized": NET
    + "opt = torch.optim.SGD(net.parameters(), lr=0.1, maximize=True)\nfor k in range(3):\n    opt.zero_grad()\n    reward = net(x).sum()\n    reward.backward()\n    opt.step()\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_mistake_is_seen_at_its_line(name: str) -> None:
    source, line, rule = WRONG[name]
    found = lint(source)
    assert [(f.line, f.rule) for f in found] == [(line, rule)]
    assert found[0].sentence
    assert found[0].advice
    assert found[0].column < found[0].end_column or found[0].end_line > line


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_left_alone(name: str) -> None:
    assert lint(RIGHT[name]) == ()


def test_an_exception_that_the_script_catches_is_shown_on_purpose() -> None:
    failing = "t = torch.tensor([1, 2], requires_grad=True)\n"
    assert [found.rule for found in lint("import torch\n" + failing)] == ["whole numbers"]
    assert lint(f"import torch\ntry:\n    {failing}except RuntimeError as error:\n    print(error)\n") == ()


def test_of_real_teaching_scripts_only_those_with_the_mistake_are_marked() -> None:
    scripts = sorted([*(ROOT / "tests/data/scripts").glob("*.py"), *(ROOT / "gradviz/lessons/data").glob("*.py")])
    assert len(scripts) > 40
    marked = {(path.name, found.rule) for path in scripts for found in lint(path.read_text())}
    shown_on_purpose = {
        ("07_optimizer.py", "zero_grad"), ("07_optimizer_check.py", "zero_grad"), ("15_five_ways.py", "through .data"),
        ("first_lesson_mistakes.py", "whole numbers"),
    }  # fmt: skip
    assert marked <= shown_on_purpose
