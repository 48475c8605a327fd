"""Calls with shapes, dtypes and arguments picked at random, most of them wrong: the same error as real PyTorch, type and first line.

The few that differ are in corners (a tuple where a number stands, devices, empty indices); their share is bounded here and told.
"""

from __future__ import annotations

import operator
import random
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.torch_module import module

pytestmark = pytest.mark.torch
CALLS = 4000
MOST_DIFFERENT = 0.04  # of all calls

SHAPES = [(), (0,), (1,), (3,), (4,), (2, 3), (3, 2), (3, 3), (4, 3), (1, 3), (3, 1), (2, 3, 4), (2, 4, 3), (1, 1, 3), (2, 2, 3, 3), (0, 3)]
DTYPES = ["float32", "float32", "float32", "float64", "int64", "int32", "bool", "uint8", "float16"]
UNARY = [
    "abs",
    "exp",
    "log",
    "sqrt",
    "neg",
    "sin",
    "tanh",
    "sigmoid",
    "relu",
    "floor",
    "round",
    "sign",
    "square",
    "reciprocal",
    "logical_not",
    "bitwise_not",
    "isnan",
    "t",
    "erf",
    "rsqrt",
]
BINARY = [
    "add",
    "sub",
    "mul",
    "div",
    "pow",
    "maximum",
    "minimum",
    "matmul",
    "mm",
    "bmm",
    "mv",
    "dot",
    "outer",
    "eq",
    "lt",
    "atan2",
    "fmod",
    "remainder",
    "floor_divide",
    "logical_and",
    "bitwise_and",
    "cross",
    "cosine_similarity",
]
LOSSES = [
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "binary_cross_entropy_with_logits",
    "linear",
    "kl_div",
    "cross_entropy",
    "nll_loss",
    "soft_margin_loss",
]
REDUCING = [
    "sum",
    "mean",
    "prod",
    "var",
    "std",
    "argmax",
    "argmin",
    "amax",
    "all",
    "any",
    "cumsum",
    "softmax",
    "log_softmax",
    "median",
    "logsumexp",
    "sort",
    "flip",
]
SHAPING = ["reshape", "view", "expand", "permute", "repeat", "tile"]
WHERE = ["transpose", "movedim", "flatten", "select", "chunk", "split", "diagonal"]
WRITING = ["add_", "mul_", "copy_", "clamp", "clamp_", "sub_", "div_", "item", "tolist", "requires_grad_"]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "@": operator.matmul, "**": operator.pow, "%": operator.mod,
    "//": operator.floordiv, "&": operator.and_, "|": operator.or_, "<": operator.lt, "==": operator.eq, "+=": operator.iadd,
}  # fmt: skip


class Calls:
    """One random call after another, as functions of the module that stands for torch."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def tensor(self) -> Callable[[Any], Any]:
        shape, dtype = self.chance.choice(SHAPES), self.chance.choice(DTYPES)
        array = (np.arange(int(np.prod(shape))) % 7 - 2).astype(np.float64).reshape(shape)
        array = np.abs(array) if dtype == "uint8" else array
        return lambda torch: torch.from_numpy(np.ascontiguousarray(array.astype(dtype))).reshape(shape)

    def number(self) -> int:
        return self.chance.choice([0, 1, 2, -1, -2, 3, -4, 5])

    def scalar(self) -> Any:
        return self.chance.choice([0, 1, 2.5, -1, True, None])

    def next(self) -> tuple[str, Callable[[Any], Any]]:
        kind, pick = self.chance.randrange(9), self.chance.choice
        x, y = self.tensor(), self.tensor()
        if kind == 0:
            name = pick(UNARY)
            return name, lambda torch: getattr(torch, name)(x(torch))
        if kind == 1:
            name = pick(BINARY)
            return name, lambda torch: getattr(torch, name)(x(torch), y(torch))
        if kind == 2:
            name = pick(LOSSES)
            return name, lambda torch: getattr(torch.nn.functional, name)(x(torch), y(torch))
        if kind == 3:
            name, dim = pick(REDUCING), pick([0, 1, -1, 2, -3])
            return name, lambda torch: getattr(x(torch), name)(dim)
        if kind == 4:
            name = pick(SHAPING)
            size = tuple(pick([-1, 1, 2, 3, 4, 6]) for _ in range(self.chance.randint(1, 3)))
            return name, lambda torch: getattr(x(torch), name)(*size)
        if kind == 5:
            name, a, b = pick(WHERE), self.number(), self.number()
            return name, lambda torch: getattr(x(torch), name)(a, b)
        if kind == 6:
            name, parts = pick(["cat", "stack"]), [self.tensor() for _ in range(self.chance.randint(0, 3))]
            dim = self.number()
            return name, lambda torch: getattr(torch, name)([part(torch) for part in parts], dim)
        if kind == 7:
            sign, other = pick(list(OPERATORS)), self.scalar()
            alone = self.chance.random() < 0.6
            return sign, lambda torch: OPERATORS[sign](x(torch), y(torch) if alone else other)
        name, other = pick(WRITING), self.scalar()
        tensor = self.chance.random() < 0.5
        if name in ("item", "tolist"):
            return name, lambda torch: getattr(x(torch), name)()
        return name, lambda torch: getattr(x(torch), name)(y(torch) if tensor else other)


def outcome(call: Callable[[Any], Any], torch: Any) -> tuple[str, str]:
    """What comes out: shapes and dtypes, or the error's type and first line."""
    try:
        return "ok", described(call(torch))
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0]


def described(result: Any) -> str:
    if hasattr(result, "shape"):
        return f"{tuple(result.shape)} {result.dtype}"
    return str([described(one) for one in result]) if isinstance(result, (tuple, list)) else type(result).__name__


def test_wrong_calls_fail_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    calls = Calls(seed=7)
    different: Counter[str] = Counter()
    failed = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _ in range(CALLS):
            name, call = calls.next()
            wanted = outcome(call, torch)
            failed += wanted[0] != "ok"
            if outcome(call, module()) != wanted:
                different[name] += 1
    assert failed > CALLS // 3
    assert sum(different.values()) <= MOST_DIFFERENT * CALLS, different.most_common()
