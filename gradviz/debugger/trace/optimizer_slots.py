"""What optimizers keep for a parameter: momentum buffers, averages, counters, each a location with a name."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind

if TYPE_CHECKING:
    from .trace import Trace

# `opt.state[w].momentum_buffer`, as the script has it: `opt.state[w]["momentum_buffer"]`
_NAMED = re.compile(r"(?:.*\.)?(?P<optimizer>\w+)\.state\[(?P<param>.+)\](?:\.(?P<key>\w+)|\[[\"'](?P<quoted>\w+)[\"']\])")
_LOOK_BACK = 256  # writes of a parameter that are looked through for a step


@dataclass(frozen=True, slots=True)
class Slot:
    """One tensor of an optimizer's state.

    Attributes:
        optimizer: what the script calls the optimizer, else its class.
        key: what the optimizer calls the tensor: "momentum_buffer", "exp_avg".
        tensor: its number.
    """

    optimizer: str
    key: str
    tensor: int

    def title(self, parameter: str) -> str:
        """The name of the location, of a parameter with that name."""
        return f"{self.optimizer}.state[{parameter}].{self.key}"


@dataclass(frozen=True, slots=True)
class Named:
    """The parts of a name."""

    optimizer: str
    param: str
    key: str


def read_name(name: str) -> Named | None:
    """The parts of the name of a slot, None where it is none."""
    found = _NAMED.fullmatch(name)
    return Named(found["optimizer"], found["param"], found["key"] or found["quoted"]) if found is not None else None


def slots_of(trace: Trace, step: Event) -> tuple[Slot, ...]:
    """What a step of an optimizer wrote beside the parameter."""
    keys = step.detail.get("state") or ()
    optimizer = str(step.detail.get("name") or step.detail.get("optimizer", "optimizer"))
    return tuple(Slot(optimizer, str(key), trace.tensor_of(ref.location)) for key, ref in zip(keys, step.writes[1:], strict=False))


def slots_at(trace: Trace, parameter: int, position: int) -> tuple[Slot, ...]:
    """What the latest step up to an event kept for a parameter, by its tensor's number; before the first step what that will keep."""
    rows = trace.writes(trace.location("val", parameter))
    number = bisect_right(rows, position)
    for row in (*reversed(rows[max(0, number - _LOOK_BACK) : number]), *rows[number : number + _LOOK_BACK]):
        if trace.columns.kind[row] == int(Kind.OPTIMIZER_STEP):
            found = slots_of(trace, trace.event(row))
            if found:
                return found
    return ()


def bindings(trace: Trace, parameter: int, named: Named) -> list[tuple[int, int]]:
    """(event, tensor) for each time when a slot of a parameter began to be another tensor; usually there is one."""
    kind = trace.columns.kind
    steps = [row for row in trace.writes(trace.location("val", parameter)) if kind[row] == int(Kind.OPTIMIZER_STEP)]

    def tensor(row: int) -> int:
        slots = slots_of(trace, trace.event(row))
        return next((slot.tensor for slot in slots if (slot.optimizer, slot.key) == (named.optimizer, named.key)), -1)

    first = next((row for row in steps if tensor(row) >= 0), None)
    last = next((row for row in reversed(steps) if tensor(row) >= 0), None)
    if first is None or last is None:
        return []
    if tensor(first) == tensor(last):  # no look at each of ten thousand steps
        return [(first, tensor(first))]
    found: list[tuple[int, int]] = []
    for row in steps:
        now = tensor(row)
        if now >= 0 and (not found or found[-1][1] != now):
            found.append((row, now))
    return found
