"""Places without a slope: where an input stands exactly on a kink or several elements tie, and what PyTorch takes there.

The choices are PyTorch's: relu'(0) = 0, abs'(0) = 0, clamp' = 1 at its ends, hardtanh' = 0 at its ends, ties of max() and
maximum share the gradient evenly, max(dim) gives all of it to one index (docs: "Gradients for non-differentiable functions").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

Array = np.ndarray[Any, Any]
_AT_ZERO = {"relu": "0", "relu_": "0", "abs": "0", "leaky_relu": "the negative slope", "threshold": "0"}
_ALL_TIED = ("max", "min", "amax", "amin")
_PAIRS = {
    "maximum": "half to each",
    "minimum": "half to each",
    "max": "half to each",
    "min": "half to each",
    "fmax": "all of it to the first",
    "fmin": "all of it to the first",
}


def kinks(run: RecordedRun) -> Iterator[Alarm]:
    """Ops that backward went through while an input stood on a kink, one alarm a node."""
    trace = run.trace
    for site in run.recording.sites:
        if site.op not in _AT_ZERO and site.op not in _PAIRS and site.op not in _ALL_TIED and site.op not in ("clamp", "hardtanh"):
            continue
        for row in trace.made[site.index][:1]:
            event = trace.event(int(row))
            if not event.reads or event.call < 0 or not trace.rows_of_call(event.call).fires:
                continue
            said = _said(run, event, site.op)
            if said:
                yield Alarm(
                    "kink", Severity.HINT, "no slope here, and a choice", f"{node_title(trace, site)} (line {site.line}): {said}",
                    "The gradient is a choice at this point and not a limit: move the input a little, and compare (Numeric check, Ctrl+Shift+C).",
                    event.index, (site.index,),
                )  # fmt: skip


def _said(run: RecordedRun, event: Event, op: str) -> str:
    arrays = [run.recording.array(ref.value) if ref.value >= 0 else None for ref in event.reads]
    first = arrays[0]
    if first is None or not first.size:
        return ""
    params = event.detail.get("params", {})
    if op in _AT_ZERO:
        count = int((first == 0).sum())
        return (
            f"{_many(count, first.size)} exactly at 0, where {op} has a kink; PyTorch takes the slope {_AT_ZERO[op]} there."
            if count
            else ""
        )
    if op in ("clamp", "hardtanh"):
        ends = [v for k, v in params.items() if k in ("min", "max", "min_val", "max_val") and isinstance(v, int | float)]
        count = sum(int((first == end).sum()) for end in ends)
        slope = "1" if op == "clamp" else "0"
        return f"{_many(count, first.size)} exactly at an end of {op}; PyTorch takes the slope {slope} there." if count else ""
    if op in _PAIRS and len(arrays) > 1 and arrays[1] is not None:
        count = int((first == arrays[1]).sum())
        return f"{_many(count, first.size)} equal in both inputs; PyTorch gives {_PAIRS[op]}." if count else ""
    return _ties(first, op, params)


def _ties(array: Array, op: str, params: dict[str, Any]) -> str:
    if len(array.shape) == 0 or array.size < 2:
        return ""
    dim = params.get("dim")
    best = array.max if "max" in op else array.min
    if dim is None or dim in ([], ()):
        count = int((array == best()).sum())
        return f"{count} elements tie for the {op[-3:]}; PyTorch gives each 1/{count} of the gradient." if count > 1 else ""
    if op in ("max", "min"):
        return ""  # along a dimension one index is named, and it gets all: no surprise
    axis = tuple(dim) if isinstance(dim, list | tuple) else dim
    tied = int(((array == best(axis=axis, keepdims=True)).sum(axis=axis) > 1).sum())
    return f"in {tied} places several elements tie; PyTorch gives each an equal part of the gradient." if tied else ""


def _many(count: int, size: int) -> str:
    return f"{count} of {size} elements {'is' if count == 1 else 'are'}"
