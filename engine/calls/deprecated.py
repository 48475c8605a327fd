"""Orders of arguments that PyTorch deprecated and still takes: x.add_(-lr, gradient), addcdiv_(value, t1, t2), addmm(beta, x, a, b).

They follow from the signatures of today (deprecated.yaml has them one by one): the numbers that are named at the end stood
before the tensors that they scale. Asked only where no signature of today fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..modes import warn_once
from ..tensor import Tensor
from .signatures import Parameter, Signature, bound, judged, known

_SCALED = ("alpha",)  # the numbers of add and sub
_WEIGHTED = ("value",)
_BLENDED = ("beta", "alpha")
_NUMBERS = {
    **dict.fromkeys(("add", "sub"), _SCALED), **dict.fromkeys(("addcmul", "addcdiv"), _WEIGHTED),
    **dict.fromkeys(("addmm", "addmv", "addr", "addbmm", "baddbmm"), _BLENDED),
}  # fmt: skip


class Call(NamedTuple):
    """The arguments of a call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def as_today(home: str, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Call | None:
    """A call in a deprecated order in the order of today, which warns once a process; None where it is none.

    Args:
        home: as for `signatures.refusal`.
        name: the public name.
        args: positional arguments.
        kwargs: named arguments.
    """
    numbers, found = _NUMBERS.get(name.removesuffix("_")), known(home, name)
    if numbers is None or found is None:
        return None
    today = found[2][0]
    owner = args[:1] if home == "method" else ()
    for old in _deprecated(today, numbers):
        if judged("", name, False, [old], args[len(owner) :], kwargs)[0] is not None:
            continue
        _warn(name, old, found[2])
        values = bound(old, args[len(owner) :], kwargs)
        named = {key: value.item() if isinstance(value, Tensor) else value for key, value in values.items() if key in numbers}
        if values.get("out") is not None:
            named["out"] = values["out"]
        return Call((*owner, *(values[parameter.name] for parameter in today.parameters if not parameter.keyword)), named)
    return None


def _deprecated(today: Signature, numbers: tuple[str, ...]) -> Iterator[Signature]:
    """The signatures that one replaced, the one with fewer arguments first."""
    tensors = [parameter for parameter in today.parameters if not parameter.keyword]
    first = [tensors.pop(0)] if tensors[0].name == "input" else []
    stood = {n: Parameter("Number", n, optional=False, nullable=False, size=0, keyword=False) for n in numbers}
    out = [parameter for parameter in today.parameters if parameter.name == "out"]
    if numbers != _BLENDED:
        yield _signature([*first, stood[numbers[0]], *tensors], out)
        return
    yield _signature([stood["beta"], *first, *tensors], out)
    yield _signature([stood["beta"], *first, stood["alpha"], *tensors], out)


def _signature(positional: list[Parameter], out: list[Parameter]) -> Signature:
    told = ", ".join(f"{parameter.kind} {parameter.name}" for parameter in positional)
    return Signature(f"({told}{', *, Tensor out = None' if out else ''})", (*positional, *out))


def _warn(name: str, old: Signature, today: Sequence[Signature]) -> None:
    instead = "".join(f"\n\t{name}{one.text}" for one in today)
    warn_once(
        f"This overload of {name} is deprecated:\n\t{name}{old.text}\nConsider using one of the following signatures instead:{instead} "
        "(Triggered internally at /__w/pytorch/pytorch/torch/csrc/utils/python_arg_parser.cpp:1841.)",
        "a deprecated overload",
    )


__all__ = ["Call", "as_today"]
