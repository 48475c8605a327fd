"""Two runs in words: what an event does, and two values against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event, Kind
from ..words.captions import number, numbers
from ..words.names import name_of

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..scene import Picture

_SHOWN = 6
_OPERATIONS = (Kind.OP, Kind.VIEW, Kind.INPLACE_WRITE)


def doing(run: RecordedRun, event: Event) -> str:
    """What an event does and where, short: "accumulate into weights.grad", "mul (line 4)"."""
    trace = run.trace
    line = f" (line {event.line})" if event.line else ""
    name = name_of(trace, event.site, event.index) if event.site >= 0 else ""
    written = name_of(trace, trace.site_of_tensor(_tensor(run, event)), event.index) if _tensor(run, event) >= 0 else ""
    match event.kind:
        case Kind.ACCUMULATE:
            return f"accumulate into {written}.grad"
        case Kind.ZERO_GRAD:
            return f"zero_grad of {written}"
        case Kind.ASSIGN_GRAD:
            return f"set {written}.grad{line}"
        case Kind.OPTIMIZER_STEP:
            return f"{event.detail.get('optimizer', 'the optimizer')} moves {written}"
        case Kind.SET_REQUIRES_GRAD:
            return f"requires_grad of {written}{line}"
        case Kind.CREATE_LEAF:
            return f"create {name}{line}"
        case Kind.DETACH:
            return f"detach{'' if name == 'detach' else f' to {name}'}{line}"
        case Kind.INPLACE_WRITE:
            return f"overwrite {written or name}{line}"
        case Kind.VJP:
            return f"backward of {name}{line}"
        case Kind.DELIVER:
            target = trace.site_of_call(int(event.detail.get("target", -1)))
            return f"deliver to {name_of(trace, trace.leaf_of.get(target, target), event.index)}" if target >= 0 else f"deliver from {name}"
        case Kind.SEED:
            return f"seed on {name}{line}"
        case Kind.BACKWARD_BEGIN | Kind.BACKWARD_END:
            return f"{'start' if event.kind == Kind.BACKWARD_BEGIN else 'end'} of backward{line}"
        case Kind.MODE_ENTER | Kind.MODE_EXIT:
            return f"{event.detail.get('mode', 'no_grad')} {'begins' if event.kind == Kind.MODE_ENTER else 'ends'}{line}"
        case Kind.ERROR:
            return f"{event.detail.get('type', 'error')}{line}"
        case Kind.PRINT:
            return f"print{line}"
        case _ if event.kind in _OPERATIONS:
            op = str(event.detail.get("op", ""))
            return f"{name}{line}" if name else f"{op}{line}"
    return f"{event.kind.name.lower()}{line}"


def _tensor(run: RecordedRun, event: Event) -> int:
    """The tensor whose val, grad or flag an event writes first, -1 for none."""
    if not event.writes:
        return -1
    location = run.recording.locations[event.writes[0].location]
    return location.owner if location.kind in ("val", "grad", "flag", "opt") else -1


def against(a: Picture | None, b: Picture | None) -> tuple[str, str]:
    """Two values that differ, in as few digits as tell them apart; where all elements are alike, one stands for them."""
    if a is None or b is None or a.array is None or b.array is None:
        return numbers(a), numbers(b)
    left, right = a.array, b.array
    if left.shape != right.shape or left.dtype != right.dtype:
        return f"{left.dtype} {left.shape}", f"{right.dtype} {right.shape}"
    if left.dtype.kind not in "fiub" or not left.size:
        return numbers(a), numbers(b)
    if (left == left.flat[0]).all() and (right == right.flat[0]).all():
        return _apart(left.flat[0], right.flat[0])
    if left.size <= _SHOWN and numbers(a) != numbers(b):
        return numbers(a), numbers(b)
    differs = ~((left == right) | ((left != left) & (right != right)))
    place = tuple(int(k) for k in np.argwhere(differs)[0]) if differs.any() else (0,) * left.ndim
    one, other = _apart(left[place], right[place])
    where = ", ".join(map(str, place))
    return f"{one} at [{where}]", other


def _apart(a: Any, b: Any) -> tuple[str, str]:
    """Two numbers with the digits that tell them apart."""
    one, other = float(a), float(b)
    if number(one) != number(other):
        return number(one), number(other)
    for digits in (4, 6, 9, 12, 17):
        if f"{one:.{digits}g}" != f"{other:.{digits}g}":
            return f"{one:.{digits}g}", f"{other:.{digits}g}"
    return number(one), number(other)
