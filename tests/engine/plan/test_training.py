"""Steps of training as people write them are replayed, and end where the engine's steps end: weights, statistics, states, random numbers."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from engine.plan.plan import Plan
from engine.torch_module import module

torch = module()
nn, F = torch.nn, torch.nn.functional
Ready = tuple[Callable[[], Any], Any, Any]

_OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {}, "SGD momentum": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, "Adam": {"amsgrad": True, "weight_decay": 0.1},
    "AdamW": {}, "RMSprop": {"centered": True, "momentum": 0.5}, "Adagrad": {}, "NAdam": {}, "Adadelta": {}, "Adamax": {"maximize": True},
    "RAdam": {}, "ASGD": {}, "Rprop": {},
}  # fmt: skip
_CLIPS: dict[str, Callable[[Any], Any]] = {
    "no clip": lambda _: None,
    "norm": lambda model: nn.utils.clip_grad_norm_(model.parameters(), 0.5),
    "norm 1": lambda model: nn.utils.clip_grad_norm_(model.parameters(), 0.1, norm_type=1),
    "largest": lambda model: nn.utils.clip_grad_norm_(model.parameters(), 0.01, norm_type=float("inf")),
    "value": lambda model: nn.utils.clip_grad_value_(model.parameters(), 0.01),
}
_NORMS: dict[str, Callable[[], Any]] = {
    "1d": lambda: nn.BatchNorm1d(5),
    "1d not affine": lambda: nn.BatchNorm1d(5, affine=False),
    "1d average": lambda: nn.BatchNorm1d(5, momentum=None),
    "1d of the batch": lambda: nn.BatchNorm1d(5, track_running_stats=False),
    "2d": lambda: nn.BatchNorm2d(2),
    "2d not affine": lambda: nn.BatchNorm2d(2, affine=False, momentum=0.3),
    "2d average": lambda: nn.BatchNorm2d(2, momentum=None),
    "instance": lambda: nn.InstanceNorm2d(2, affine=True, track_running_stats=True),
}


def _network(norm: str) -> tuple[Any, Any]:
    """A model with the norm, and its data."""
    if norm.startswith("1d"):
        return nn.Sequential(nn.Linear(3, 5), _NORMS[norm](), nn.Tanh(), nn.Linear(5, 2)), torch.randn(7, 3)
    parts = (nn.Conv2d(1, 2, 3), _NORMS[norm](), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2))
    return nn.Sequential(*parts), torch.randn(4, 1, 6, 6)


def _state(model: Any, optimizer: Any) -> dict[str, Any]:
    """The bits of all that a step leaves."""
    found: dict[str, Any] = {name: t._data.tobytes() for name, t in model.state_dict().items()}
    found |= {f"{name}.grad": None if p.grad is None else p.grad._data.tobytes() for name, p in model.named_parameters()}
    found |= {f"{name}.version": t._version for name, t in itertools.chain(model.named_parameters(), model.named_buffers())}
    for k, kept in enumerate(() if optimizer is None else optimizer.state.values()):
        found |= {f"{k}.{name}": v._data.tobytes() if isinstance(v, torch.Tensor) else v for name, v in kept.items()}
    return {**found, "stream": torch.get_rng_state()._data.tobytes()}


def _replayed(ready: Callable[[], Ready], turns: int = 24, changing: Callable[[Any, int], None] | None = None) -> Plan:
    """The plan of a step, which was replayed for some turns, and gave in each what the engine gives."""
    step, model, optimizer = ready()
    plan = Plan.of(step, changing=changing is not None)
    assert plan is not None
    stream = torch.get_rng_state()
    eager, same, other = ready()
    for _ in range(3):
        eager()
    for turn in range(turns):
        if changing is not None:
            changing(optimizer, turn)
            changing(other, turn)
        wanted = eager()
        here = torch.get_rng_state()
        expected = _state(same, other)
        torch.set_rng_state(stream)
        made = plan.run()
        assert made is not False
        assert made._data.tobytes() == wanted._data.tobytes()
        assert _state(model, optimizer) == expected, turn
        stream = torch.get_rng_state()
        torch.set_rng_state(here)
    return plan


@pytest.mark.parametrize(
    ("norm", "optimizer", "clip"),
    [
        (norm, name, list(_CLIPS)[k % len(_CLIPS)])
        for k, (norm, name) in enumerate(zip(itertools.cycle(_NORMS), [*_OPTIMIZERS, *_OPTIMIZERS], strict=False))
    ],
)
def test_batch_norm_and_clipping(norm: str, optimizer: str, clip: str) -> None:
    def ready() -> Ready:
        torch.manual_seed(1)
        model, x = _network(norm)
        y = torch.randint(0, 2, (len(x),))
        opt = getattr(torch.optim, optimizer.split()[0])(model.parameters(), lr=0.02, **_OPTIMIZERS[optimizer])

        def step() -> Any:
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            total = _CLIPS[clip](model)
            opt.step()
            opt.zero_grad()
            return loss if total is None else total

        return step, model, opt

    _replayed(ready)


@pytest.mark.parametrize("seed", range(8))
def test_networks_that_draw(seed: int) -> None:
    """Dropout, noise and the like take the same numbers from the stream as the engine does."""
    chance = random.Random(seed)
    kinds = [nn.Dropout(0.3), nn.AlphaDropout(0.2), nn.FeatureAlphaDropout(0.2), nn.RReLU()]
    layers = [copy for layer in kinds if chance.random() < 0.6 for copy in (layer,)] or kinds

    def ready() -> Ready:
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(3, 4), *layers, nn.Linear(4, 2))
        x, opt = torch.randn(6, 3), torch.optim.SGD(model.parameters(), lr=0.1)

        def step() -> Any:
            opt.zero_grad()
            order = torch.randperm(6)[:4]
            noisy = x[order] + 0.1 * torch.randn_like(x[order]) * torch.rand(4, 1) + torch.empty(3).uniform_(-0.1, 0.1)
            loss = model(noisy).pow(2).mean() + torch.randint(0, 3, ()).float()
            loss.backward()
            opt.step()
            return loss

        return step, model, opt

    _replayed(ready)


_WRITES: dict[str, Callable[[Any], None]] = {
    "in no_grad": lambda p: p.sub_(0.1 * p.grad),
    "alpha": lambda p: p.add_(p.grad, alpha=-0.1),
    "through data": lambda p: p.data.sub_(p.grad.data, alpha=0.1),
    "set again": lambda p: setattr(p, "data", p.data.__iadd__(-0.1 * p.grad)),
    "a part": lambda p: p[:1].sub_(0.1 * p.grad[:1]),
    "copied": lambda p: p.copy_(p - 0.1 * p.grad),
}


@pytest.mark.parametrize("write", _WRITES)
@pytest.mark.parametrize("clearing", ["zero_", "None", "never"])
def test_weights_that_the_program_moves(write: str, clearing: str) -> None:
    """With a moving average of them beside, as programs keep one."""

    def ready() -> Ready:
        torch.manual_seed(0)
        model, x = nn.Linear(2, 1), torch.randn(4, 2)
        model.register_buffer("average", torch.zeros(1, 2))
        model.register_buffer("noise", torch.zeros(3))

        def step() -> Any:
            loss = (model(x) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    _WRITES[write](p)
                    if clearing == "zero_":
                        p.grad.zero_()
                    elif clearing == "None":
                        p.grad = None
                model.average.mul_(0.9).add_(model.weight, alpha=0.1)
                model.noise.normal_()
            return loss

        return step, model, None

    _replayed(ready)


@pytest.mark.parametrize("seed", range(4))
def test_a_gradient_that_lies_otherwise_in_memory(seed: int) -> None:
    """Its norm is a sum in the order of the memory: the engine's gradient is a copy in rows."""

    def ready() -> Ready:
        torch.manual_seed(seed)
        model = nn.Linear(4, 3, bias=False)
        opt = torch.optim.Adam(model.parameters(), lr=0.01)

        def step() -> Any:
            loss = (model.weight.t().contiguous().t() ** 2).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            opt.step()
            opt.zero_grad()
            return loss

        return step, model, opt

    _replayed(ready)


@pytest.mark.parametrize("to_none", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_gradients_that_add_up_over_passes(to_none: bool, first: bool) -> None:
    def ready() -> Ready:
        torch.manual_seed(0)
        model, x = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), torch.randn(8, 3)
        opt = torch.optim.Adam(model.parameters(), lr=0.01)

        def step() -> Any:
            if first:
                opt.zero_grad(set_to_none=to_none)
            for part in x.split(2):
                loss = model(part).pow(2).mean() / 4
                loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            opt.step()
            if not first:
                opt.zero_grad(set_to_none=to_none)
            return loss

        return step, model, opt

    _replayed(ready)


@pytest.mark.parametrize("name", ["SGD", "SGD momentum", "Adam"])
def test_a_rate_that_changes(name: str) -> None:
    def ready() -> Ready:
        torch.manual_seed(0)
        model, x = nn.Linear(2, 1), torch.randn(4, 2)
        opt = getattr(torch.optim, name.split()[0])(model.parameters(), lr=0.1, **_OPTIMIZERS[name])

        def step() -> Any:
            loss = (model(x) ** 2).mean()
            loss.backward()
            opt.step()
            opt.zero_grad()
            return loss

        return step, model, opt

    def slower(optimizer: Any, turn: int) -> None:
        optimizer.param_groups[0]["lr"] = 0.1 / (turn + 1)

    _replayed(ready, changing=slower)


def test_what_is_found_in_numbers_is_found_anew() -> None:
    """The answers of argmax and the like change while a model learns, in a later turn than those that a plan was made from."""

    def ready() -> Ready:
        torch.manual_seed(3)
        model, x, y = nn.Linear(3, 4), torch.randn(9, 3), torch.randint(0, 4, (9,))
        opt = torch.optim.SGD(model.parameters(), lr=0.3)

        def step() -> Any:
            out = model(x)
            F.cross_entropy(out, y).backward()
            opt.step()
            opt.zero_grad()
            found = out.argmax(1)
            right = (
                (found == y).float().mean() + out.gather(1, found[:, None]).sum() + (out > 0).any(1).sum() + torch.count_nonzero(out > 1)
            )
            return right.detach()

        return step, model, opt

    _replayed(ready)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_few_numbers_agree_by_chance_and_prove_nothing(size: int) -> None:
    """Where a row rounded arrays once and a plan twice, one element out of ten showed it."""
    for seed in range(5):
        torch.manual_seed(seed)
        x, kept = torch.randn(size), torch.zeros(size)
        expected = kept.clone()

        def step(x: Any = x, kept: Any = kept) -> Any:
            return kept.mul_(0.9).add_(x, alpha=0.1)

        plan = Plan.of(step)
        assert plan is not None
        assert plan.run(20) is not False
        for _ in range(23):
            expected.mul_(0.9).add_(x, alpha=0.1)
        assert kept._data.tobytes() == expected._data.tobytes()


# -- what has none ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        lambda x: x[x > 0].sum(),
        lambda x: x.masked_select(x > 0).sum(),
        lambda x: (x * torch.bernoulli(x.sigmoid().detach())).sum(),
        lambda x: torch.unique(x.detach()).sum() * x.sum(),
        lambda x: (x * torch.rand(3, generator=torch.Generator().manual_seed(1))).sum(),
        lambda x: torch.manual_seed(1) and (x * torch.rand(3)).sum(),
        lambda x: nn.utils.clip_grad_norm_([x], 1.0, error_if_nonfinite=True) * x.sum(),
    ],
    ids=["a mask", "a selection", "drawn by chances", "how many", "a stream of its own", "a stream begun again", "an error that may come"],
)
def test_no_plan_for_what_depends_on_the_numbers(body: Callable[[Any], Any]) -> None:
    x = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
    x.grad = torch.ones(3)
    assert Plan.of(lambda: body(x).backward()) is None


def test_a_stream_of_the_program_goes_on() -> None:
    own, same = (torch.Generator().manual_seed(5) for _ in range(2))
    plan = Plan.of(lambda: torch.randn(4, generator=own))
    assert plan is not None
    replayed = [plan.run().tolist() for _ in range(4)]
    drawn = [torch.randn(4, generator=same).tolist() for _ in range(7)]
    assert replayed == drawn[3:]
