"""A replayed step gives the engine's own bits, on every workload of the benchmarks, or there is no plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.engine.programs import names_of
from benchmarks.engine.workloads import WORKLOADS, Workload
from engine.plan.plan import Plan
from engine.tensor import Tensor
from engine.torch_module import module

torch = module()
ByName = pytest.mark.parametrize("workload", WORKLOADS, ids=[w.name for w in WORKLOADS])


def stepper(workload: Workload) -> tuple[Callable[[], Any], dict[str, Any]]:
    """A step of the workload as a function that returns its loss, and the names that it works on."""
    names = names_of(workload, torch)
    code = compile(workload.step, "<workload>", "exec")

    def step() -> Any:
        exec(code, names)
        return names.get("loss")

    return step, names


def numbers(workload: Workload, names: dict[str, Any]) -> list[bytes]:
    """The leaves' bits."""
    return [leaf._data.tobytes() for leaf in eval(workload.leaves, names)]


@ByName
def test_replayed_steps_end_where_eager_steps_end(workload: Workload) -> None:
    step, names = stepper(workload)
    eager_step, eager_names = stepper(workload)
    plan = Plan.of(step)
    assert plan is not None
    replayed = plan.run(3)
    for _ in range(6):
        loss = eager_step()
    assert numbers(workload, names) == numbers(workload, eager_names)
    if loss is not None:
        assert replayed._data.tobytes() == loss._data.tobytes()
    again, expected = step(), eager_step()  # the engine goes on from where the plan stopped
    assert again is expected is None or again._data.tobytes() == expected._data.tobytes()


@ByName
def test_gradients_that_stay_are_the_engines(workload: Workload) -> None:
    text = "\n".join(
        line for line in workload.step.splitlines() if "zero_grad" not in line and ".grad = None" not in line and "opt.step" not in line
    )
    lasting = Workload(**{**workload.__dict__, "step": "for leaf in leaves: leaf.grad = None\n" + text})
    step, names = stepper(lasting)
    names["leaves"] = eval(workload.leaves, names)
    plan = Plan.of(step)
    assert plan is not None
    assert plan.run(2)
    replayed = [leaf.grad._data.copy() for leaf in names["leaves"]]
    step()
    for ours, leaf in zip(replayed, names["leaves"], strict=True):
        assert ours.tobytes() == leaf.grad._data.tobytes()


def test_gradients_add_up_over_turns() -> None:
    x = torch.ones(3, requires_grad=True)

    def step() -> None:
        (x * x).sum().backward()

    plan = Plan.of(step)
    assert plan is not None
    assert plan.run(4)
    assert x.grad.tolist() == [14.0] * 3  # three eager steps and four turns of 2 each


def test_two_backwards_in_a_step() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def step() -> Any:
        x.grad = None
        y = x * x
        y.sum().backward(retain_graph=True)
        (y * 3).sum().backward()
        return y

    plan = Plan.of(step)
    assert plan is not None
    y = plan.run()
    assert y.tolist() == [1.0, 4.0]
    assert x.grad.tolist() == [8.0, 16.0]


def _two_moves() -> tuple[Callable[[], Any], Any]:
    w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)

    def step() -> Any:
        for _ in range(2):
            loss = (w * w).tanh().sum()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        return loss

    return step, w


def test_the_same_call_is_made_again_when_its_numbers_were_overwritten() -> None:
    (step, w), (eager_step, expected) = _two_moves(), _two_moves()
    plan = Plan.of(step)
    assert plan is not None
    plan.run(2)
    for _ in range(5):
        eager_step()
    assert w._data.tobytes() == expected._data.tobytes()


def test_a_call_that_was_made_is_not_made_again() -> None:
    x = torch.linspace(-1, 1, 4, requires_grad=True)

    def step(times: int) -> Any:
        for _ in range(times):
            loss = (x * x).tanh().sum()
        loss.backward()
        x.grad = None
        return loss

    once, twice = Plan.of(lambda: step(1)), Plan.of(lambda: step(2))
    assert once is not None
    assert twice is not None
    assert once.calls == twice.calls


@pytest.mark.parametrize("options", [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"weight_decay": 0.1}, {"maximize": True}])
def test_sgd_with_options(options: dict[str, Any]) -> None:
    ends = []
    for planned in (True, False):
        w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
        opt = torch.optim.SGD([w], lr=0.1, **options)

        def step(w: Any = w, opt: Any = opt) -> Any:
            loss = (w * w).sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss

        if planned:
            plan = Plan.of(step)
            assert plan is not None
            assert plan.run(3) is not False
        else:
            for _ in range(6):
                step()
        ends.append(w._data.tobytes())
    assert ends[0] == ends[1]


def test_adam_keeps_its_state() -> None:
    ends = []
    for planned in (True, False):
        w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
        opt = torch.optim.Adam([w], lr=0.1)

        def step(w: Any = w, opt: Any = opt) -> None:
            opt.zero_grad()
            (w * w).sum().backward()
            opt.step()

        if planned:
            plan = Plan.of(step)
            assert plan is not None
            assert plan.run(3)
        else:
            for _ in range(6):
                step()
        ends.append((w._data.tobytes(), float(opt.state[w]["step"])))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("body", "two"),
    [
        (lambda x: (x * 2).add_(1).mul_(3).sum(), False),
        (lambda x: torch.zeros(2).add_(x).relu().sum() * torch.tensor(3.0), False),
        (lambda x: ((h := torch.ones(2)) + x).sum() + (h.add_(1) * 2).sum() + (h * x).sum(), False),
        (lambda x: (x * torch.tensor([[1.0], [2.0]])).transpose_(0, 1).cumsum(0).sum(), False),
        (lambda x: ((h := x * 2) + (k := h.detach()).sum() + h.add_(1) + k).sum(), True),
        (lambda x: (h := x * 2)[:1].mul_(3).sum() + h.sum(), True),
    ],
    ids=["results", "new tensors", "between two reads", "another shape", "seen by two", "a part"],
)
def test_what_a_step_made_it_may_write_to(body: Callable[[Any], Any], two: bool) -> None:
    """A plan, where there is one, gives what the engine gives; of what two tensors look at there is none."""
    ends = []
    for planned in (True, False):
        x = torch.tensor([0.5, -1.5], requires_grad=True)
        opt = torch.optim.SGD([x], lr=0.1)

        def step(x: Any = x, opt: Any = opt) -> None:
            body(x).backward()
            opt.step()
            opt.zero_grad()

        plan = Plan.of(step) if planned else None
        if plan is not None:
            assert plan.run(3)
        else:
            for _ in range(3 if planned else 6):
                step()
        ends.append((x._data.tobytes(), plan))
    assert ends[0][0] == ends[1][0]
    assert (ends[0][1] is None) is two


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_recurrent_layers(kind: str, batch_first: bool) -> None:
    """They begin with zeros that are made anew in each step."""
    ends = []
    for planned in (True, False):
        torch.manual_seed(0)
        layer, x = getattr(torch.nn, kind)(3, 4, batch_first=batch_first), torch.randn(5, 6, 3)
        opt = torch.optim.SGD(layer.parameters(), lr=0.1)

        def step(layer: Any = layer, x: Any = x, opt: Any = opt) -> Any:
            loss = (layer(x)[0] ** 2).mean()
            loss.backward()
            opt.step()
            opt.zero_grad()
            return loss

        plan = Plan.of(step) if planned else None
        if planned:
            assert plan is not None
            plan.run(2)
        else:
            for _ in range(5):
                step()
        loss = plan.run() if plan is not None else step()
        ends.append([loss._data.tobytes(), *(p._data.tobytes() for p in layer.parameters())])
    assert ends[0] == ends[1]


# -- what makes a plan give up ------------------------------------------------------------------------------------


def test_no_plan_where_the_graph_changes() -> None:
    x = torch.ones(2, requires_grad=True)
    turn = [0]

    def step() -> None:
        turn[0] += 1
        y = x * x if turn[0] % 2 else x + x
        y.sum().backward()

    assert Plan.of(step) is None
    assert turn[0] == 3
    assert x.grad.tolist() == [6.0, 6.0]


_COUNTER = itertools.count()


@pytest.mark.parametrize(
    "body",
    [
        lambda x: (x * torch.tensor([1.0, 2.0], requires_grad=True)).sum(),
        lambda x: (x * torch.tensor([float(next(_COUNTER))])).sum(),
    ],
    ids=["a new leaf", "another number each time"],
)
def test_no_plan_for_what_cannot_be_repeated(body: Callable[[Any], Any]) -> None:
    x = torch.ones(2, requires_grad=True)
    assert Plan.of(lambda: body(x).backward()) is None


@pytest.mark.parametrize(
    "look",
    [
        lambda y: y.item(),
        lambda y: float(y),
        lambda y: 1 if y > 0 else 2,
        lambda y: y.tolist(),
        lambda y: f"{y}",
        lambda y: y.detach().numpy(),
    ],
    ids=["item", "float", "if", "tolist", "format", "numpy"],
)
@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad=True")
def test_no_plan_where_python_looks_at_numbers(look: Callable[[Any], Any]) -> None:
    x = torch.ones(2, requires_grad=True)

    def step() -> None:
        y = (x * x).sum()
        look(y)
        y.backward()

    assert Plan.of(step) is None
    assert look((x * x).sum()) is not None  # and afterwards everybody may look again
    assert Tensor.item.__name__ == "item"


def test_a_hook_is_called_by_every_step() -> None:
    x = torch.ones(2, requires_grad=True)
    seen: list[Any] = []
    x.register_hook(lambda g: seen.append(g.tolist()))
    assert Plan.of(lambda: (x * x).sum().backward()) is None
    assert seen == [[2.0, 2.0]] * 3


def test_a_plan_stops_when_the_world_changes() -> None:
    w = torch.ones(2, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.5)

    def step() -> None:
        opt.zero_grad()
        (w * 3).sum().backward()
        opt.step()

    plan = Plan.of(step)
    assert plan is not None
    assert plan.run()
    opt.param_groups[0]["lr"] = 0.25
    before = w.tolist()
    assert plan.run() is False
    assert w.tolist() == before
    opt.param_groups[0]["lr"] = 0.5
    w._data = np.zeros(2, np.float32)
    assert plan.run() is False


def test_data_changed_in_place_is_seen() -> None:
    x, w = torch.ones(2), torch.ones(2, requires_grad=True)

    def step() -> Any:
        return (x * w).sum()

    plan = Plan.of(step)
    assert plan is not None
    with torch.no_grad():
        w.fill_(5.0)
    total = plan.run()
    assert isinstance(total, Tensor)
    assert total.item() == 10.0


def test_long_chains_go_in_blocks_with_the_same_bits() -> None:
    torch.manual_seed(0)
    x = torch.randn(70_001, requires_grad=True)

    def step() -> Any:
        x.grad = None
        y = (x * 1.5 - 0.25).tanh()
        z = y * y + x
        z.mean().backward()
        return z

    plan = Plan.of(step)
    assert plan is not None
    z = plan.run()
    gradient = x.grad._data.tobytes()
    assert z._data.tobytes() == step()._data.tobytes()
    assert gradient == x.grad._data.tobytes()


_LINES = (
    "a = a * 1.01", "a = a + b", "b = b - a * 0.5", "a = a.tanh()", "b = torch.maximum(a, b)", "b = torch.relu(b)", "b = b.clamp(-0.5, 0.5)",
    "a = a * a.mean()", "b = b + a.sum() * 1e-6", "a = a.flip(0)", "a = a + kept", "kept = kept * 0.5",
    "c = c * 0.9", "c = c.sin()", "c = c + a.sum() * 1e-6", "a = a + c[:70_000]", "b = torch.where(a > 0, b, a)",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_chains_that_run_block_by_block_keep_what_the_order_gives(seed: int) -> None:
    chance = np.random.default_rng(seed)
    lines = ["a, b, c, kept = x * 1, y * 1, z * 1, x.detach() * 0", *(str(chance.choice(_LINES)) for _ in range(16))]
    text = "\n".join([*lines, "loss = (a * a).sum() + b.sum() + (c * c).sum()", "loss.backward()", "opt.step()", "opt.zero_grad()"])

    def ready() -> tuple[Callable[[], Any], dict[str, Any]]:
        torch.manual_seed(seed)
        sizes = {"x": 70_000, "y": 70_000, "z": 140_000}
        names: dict[str, Any] = {"torch": torch, **{name: torch.randn(size, requires_grad=True) for name, size in sizes.items()}}
        names["opt"] = torch.optim.SGD([names[name] for name in sizes], lr=0.01)  # numbers that change show what was read too early
        code = compile(text, "<chain>", "exec")
        return lambda: exec(code, names), names

    step, names = ready()
    plan = Plan.of(step)
    assert plan is not None
    assert plan.run(3)
    eager, wanted = ready()
    for _ in range(6):
        eager()
    for name in ("x", "y", "z"):
        assert names[name]._data.tobytes() == wanted[name]._data.tobytes(), text
