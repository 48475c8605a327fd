"""An entry of the catalogue called: a function with its arguments in order, an operator, or a layer that is made for it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache
from typing import Any

from ..model import Param
from ..palette.catalogue import Entry
from ..run.room import check_layers

OPERATORS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "torch.add": ("+", operator.add),
    "torch.sub": ("-", operator.sub),
    "torch.mul": ("*", operator.mul),
    "torch.div": ("/", operator.truediv),
    "torch.pow": ("**", operator.pow),
    "torch.matmul": ("@", operator.matmul),
}


@cache
def engine() -> tuple[Any, Any]:
    """The engine's modes and random, loaded when they are first wanted; an import in each call would cost as much as a small op."""
    from engine import modes, random

    return modes, random


def call(found: Entry, arguments: dict[str, Any], settings: dict[str, Param], *, seed: int, quiet: bool = False) -> Any:
    """Call an entry's function or make and call its layer."""
    if quiet:
        with engine()[0].no_grad():
            return call(found, arguments, settings, seed=seed)
    if found.call is None:
        raise RuntimeError(f"{found.op} cannot be called")
    if found.layer:
        check_layers(dict(settings))
        engine()[1].manual_seed(seed)
        first_ones, others = found.in_call(arguments)
        return found.call(**settings)(*first_ones, **others)
    if not settings:
        if found.op in OPERATORS and len(arguments) == 2:
            return OPERATORS[found.op][1](*arguments.values())
        if len(arguments) == 1 and found.order[:1] == tuple(arguments):
            (only,) = arguments.values()
            if not isinstance(only, tuple):
                return found.call(only)
    named = {**arguments, **settings}
    first: list[Any] = []
    for name in found.places:
        port = found.port(name)
        if name not in named or (name not in found.order and port is None):
            break
        first += named.pop(name) if port is not None and port.star else [named.pop(name)]
    return found.call(*first, **named)
