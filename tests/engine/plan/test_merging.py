"""What a plan does to each of many small arrays it does to all at once, with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.plan.plan import Plan
from engine.torch_module import module

torch = module()
_SHAPES = ((3,), (2, 3), (40, 5), (1,), (), (60, 60), (7, 1))
_LINES = (
    "t{k} = (p{k} * x{k}).tanh()", "t{k} = t{k} * 0.5 + 1", "t{k} = t{k} * t{k}", "t{k} = t{k} + p{k}", "t{k} = t{k}.exp() / 3",
    "t{k} = t{k} * both", "both = both + t{k}.sum()", "t{k} = torch.where(x{k} > 0, t{k}, p{k})", "t{k} = (t{k} - t{k}.mean()).sigmoid()",
)  # fmt: skip
_MOVES = (
    "torch.optim.SGD(params, lr=0.01)",
    "torch.optim.SGD(params, lr=0.01, momentum=0.9)",
    "torch.optim.SGD(params, lr=0.01, weight_decay=0.1)",
)


def _ready(text: str, seed: int) -> tuple[Callable[[], Any], list[Any]]:
    torch.manual_seed(seed)
    params = [torch.randn(shape, requires_grad=True) for shape in _SHAPES]
    names = {"torch": torch, "params": params, **{f"p{k}": p for k, p in enumerate(params)}}
    names |= {"one": torch.ones(())} | {f"x{k}": torch.randn(shape) for k, shape in enumerate(_SHAPES)}
    exec(text.split("\n", 1)[0], names)
    code = compile(text.split("\n", 1)[1], "<step>", "exec")
    return lambda: exec(code, names), params


@pytest.mark.parametrize("seed", range(30))
def test_steps_over_many_small_arrays_keep_their_bits(seed: int) -> None:
    """The same lines for each of them, one array after the other or line by line."""
    chance = np.random.default_rng(seed)
    body = [str(chance.choice(_LINES)) for _ in range(4)]
    some = range(int(chance.integers(2, len(_SHAPES) + 1)))
    in_turn = [line.format(k=k) for line in body for k in some] if seed % 2 else [line.format(k=k) for k in some for line in body]
    text = "\n".join([
        f"opt = {chance.choice(_MOVES)}",
        "both = one",
        *(f"t{k} = p{k}" for k in some),
        *in_turn,
        f"({' + '.join(f't{k}.sum()' for k in some)}).backward()",
        "opt.step()",
        *(["opt.zero_grad()"] if seed % 3 else ["for p in params: p.grad = None"]),
    ])  # fmt: skip
    step, params = _ready(text, seed)
    plan = Plan.of(step)
    assert plan is not None
    assert plan.run(3)
    eager, wanted = _ready(text, seed)
    for _ in range(6):
        eager()
    for mine, theirs in zip(params, wanted, strict=True):
        assert mine._data.tobytes() == theirs._data.tobytes(), text


def test_an_optimizer_moves_all_parameters_by_a_few_calls() -> None:
    model = torch.nn.Sequential(*(torch.nn.Linear(4, 4) for _ in range(5)))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(8, 4)

    def still() -> None:
        (model(x) ** 2).sum().backward()
        opt.zero_grad()

    def moving() -> None:
        (model(x) ** 2).sum().backward()
        opt.step()
        opt.zero_grad()

    plain, whole = Plan.of(still), Plan.of(moving)
    assert plain is not None
    assert whole is not None
    # Gradients to float64, their product, the sum: one call each. Each parameter to float64 and back: two calls.
    assert whole.calls - plain.calls == 3 + 2 * 10
