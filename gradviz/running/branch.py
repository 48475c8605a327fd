"""Changes at a moment: a run like another up to an event, and then on with another number, flag or gradient.

A run is repeated from the start, with the same random numbers, so the moment is the number of its event.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.half.bfloat16 import cast

from ..recording.event import key_of

if TYPE_CHECKING:
    from ..recording.event import SiteKey
    from ..recording.recorder.recorder import Recorder

VALUE, GRAD = "value", "grad"
TOLD = (
    "create_leaf", "set_requires_grad", "mode_enter", "mode_exit", "op", "view", "detach", "save", "inplace_write", "backward_begin",
    "seed", "vjp", "deliver", "hook", "accumulate", "free_saves", "backward_end", "zero_grad", "assign_grad",
    "optimizer_step",
)  # fmt: skip
_MADE = ("op", "view")  # told with their outputs last; `create_leaf` and `detach` with their tensor last


@dataclass(frozen=True, slots=True)
class SetElement:
    """After event `at` one element of a tensor, or of its `.grad`, is another number; as by `.data`, no gradient knows of it."""

    at: int
    key: SiteKey
    part: str
    element: tuple[int, ...]
    number: float

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        place = f"[{', '.join(map(str, self.element))}]" if self.element else ""
        return f"{name}{'.grad' if self.part == GRAD else ''}{place} = {self.number:g} after event {self.at}"


@dataclass(frozen=True, slots=True)
class SetFlag:
    """After event `at` a leaf has another `requires_grad`."""

    at: int
    key: SiteKey
    value: bool

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"{name}.requires_grad = {self.value} after event {self.at}"


@dataclass(frozen=True, slots=True)
class ZeroGradAt:
    """After event `at` the `.grad` of all leaves is None."""

    at: int

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"zero_grad after event {self.at}"


@dataclass(frozen=True, slots=True)
class DetachFrom:
    """After event `at` an op reads input `port` detached, each time that it runs."""

    at: int
    key: SiteKey
    port: int

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"detach before {name} (input {self.port + 1}) after event {self.at}"


@dataclass(frozen=True, slots=True)
class InsertLine:
    """A statement runs before a line, each time; `zero_grad()` empties the `.grad` of all leaves."""

    line: int
    code: str

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"{self.code} before line {self.line}"


Change = SetElement | SetFlag | ZeroGradAt | DetachFrom | InsertLine
TIMED = (SetElement, SetFlag, ZeroGradAt)


def to_row(change: Change) -> dict[str, Any]:
    """Plain data for the pipe to the child."""
    match change:
        case SetElement(at, key, part, element, number):
            return {"kind": "set_element", "at": at, "key": key, "part": part, "element": element, "number": repr(number)}
        case SetFlag(at, key, value):
            return {"kind": "set_flag", "at": at, "key": key, "value": value}
        case ZeroGradAt(at):
            return {"kind": "zero_grad_at", "at": at}
        case DetachFrom(at, key, port):
            return {"kind": "detach_from", "at": at, "key": key, "port": port}
        case InsertLine(line, code):
            return {"kind": "insert_line", "line": line, "code": code}


def from_row(row: dict[str, Any], key: Callable[[Any], SiteKey]) -> Change | None:
    """What `to_row` made plain; None for a row of another kind."""
    match row["kind"]:
        case "set_element":
            element = tuple(map(int, row["element"]))
            return SetElement(int(row["at"]), key(row["key"]), str(row["part"]), element, float(row["number"]))
        case "set_flag":
            return SetFlag(int(row["at"]), key(row["key"]), bool(row["value"]))
        case "zero_grad_at":
            return ZeroGradAt(int(row["at"]))
        case "detach_from":
            return DetachFrom(int(row["at"]), key(row["key"]), int(row["port"]))
        case "insert_line":
            return InsertLine(int(row["line"]), str(row["code"]))
    return None


class Brancher:
    """A watcher that passes everything on to another, and makes the changes when their moment has come.

    Attributes:
        untold: why a change could not be made.
    """

    def __init__(self, inner: Any, recorder: Recorder, changes: Sequence[Any], leaves: Iterable[Any]) -> None:
        self._inner, self._recorder, self._leaves = inner, recorder, leaves
        self._waiting = sorted((c for c in changes if isinstance(c, TIMED)), key=lambda c: c.at)
        self._wanted = {c.key for c in self._waiting if not isinstance(c, ZeroGradAt)}
        self._latest: dict[SiteKey, weakref.ref[Any]] = {}
        self.untold: list[str] = []

    def __getattr__(self, name: str) -> Any:
        told = getattr(self._inner, name)
        if name not in TOLD:
            return told

        def forward(*what: Any) -> None:
            told(*what)
            if name in _MADE:
                self._keep(what[-1][0])
            elif name in ("create_leaf", "detach"):
                self._keep(what[-1])
            self.tick()

        object.__setattr__(self, name, forward)
        return forward

    def _keep(self, tensor: Any) -> None:
        """Remember the newest tensor of each place that a change is about."""
        site = self._recorder.site_of(tensor) if self._wanted else -1
        if site >= 0 and (key := key_of(self._recorder.sites.all[site])) in self._wanted:
            self._latest[key] = weakref.ref(tensor)

    def tick(self) -> None:
        """Make the changes whose moment is over."""
        while self._waiting and self._recorder.noted > self._waiting[0].at:
            change = self._waiting.pop(0)
            try:
                self._make(change)
            except (RuntimeError, ValueError, IndexError, TypeError, OverflowError) as problem:
                self._failed(change, str(problem))

    def _failed(self, change: Any, why: str) -> None:
        self.untold.append(f"{change.label('the value')}: {why}")
        self._recorder.meta["branch_problems"] = list(self.untold)

    def _make(self, change: SetElement | SetFlag | ZeroGradAt) -> None:
        from engine.optim.optimizer import clear_grad

        if isinstance(change, ZeroGradAt):
            for leaf in self._leaves:
                clear_grad(leaf)
            return
        held = self._latest.get(change.key)
        tensor = held() if held is not None else None
        if tensor is None:
            self._failed(change, "nothing holds this tensor any more at that moment")
        elif isinstance(change, SetFlag):
            tensor.requires_grad_(change.value)
        else:
            self._write(tensor if change.part == VALUE else tensor._grad, change)

    def _write(self, tensor: Any, change: SetElement) -> None:
        """Put a number in as `.data` would: the version stays, and no gradient knows of it."""
        if tensor is None:
            self._failed(change, "its .grad is None at that moment")
            return
        array = tensor._data
        if len(change.element) != array.ndim:
            raise IndexError(f"it has {array.ndim} dimensions then")
        number = change.number if array.dtype.kind in "fcV" or not math.isfinite(change.number) else int(change.number)
        self._inner.before_write(tensor)
        array[change.element] = cast(np.asarray(number), array.dtype)
        self._inner.inplace_write(None, tensor, (), "what_if")
