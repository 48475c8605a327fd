"""What-if: flags, modes and edges that the user changed on the canvas. The script's text stays as it is.

An override names its place by the site's key (call path, line, op, occurrence), so that it finds the same place in
another run of the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .branch import Change, DetachFrom, from_row, to_row

if TYPE_CHECKING:
    from ..recording.event import SiteKey
    from ..recording.recorder.recorder import Recorder


@dataclass(frozen=True, slots=True)
class RequiresGrad:
    """A leaf is made with another `requires_grad`."""

    key: SiteKey
    value: bool

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"{name}.requires_grad = {self.value}"


@dataclass(frozen=True, slots=True)
class NoGrad:
    """Ops run as inside `torch.no_grad()`."""

    keys: tuple[SiteKey, ...]

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"no_grad around {name}"


@dataclass(frozen=True, slots=True)
class Detach:
    """An op reads input `port` detached."""

    key: SiteKey
    port: int

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return f"detach before {name} (input {self.port + 1})"


@dataclass(frozen=True, slots=True)
class ZeroGrad:
    """Statements that empty `.grad` are left out ("never"), or every backward in a loop starts from empty ones ("each")."""

    policy: str

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return "without zero_grad" if self.policy == "never" else "with zero_grad before each backward"


@dataclass(frozen=True, slots=True)
class NumericCheck:
    """Nothing changes; when the run is over the backward of each node is checked against the slope of its forward."""

    def label(self, name: str) -> str:
        """What the list of overrides shows."""
        return "numeric check"


Override = RequiresGrad | NoGrad | Detach | ZeroGrad | NumericCheck | Change


def to_json(overrides: Sequence[Override]) -> list[dict[str, Any]]:
    """Plain data for the pipe to the child."""
    rows: list[dict[str, Any]] = []
    for o in overrides:
        match o:
            case RequiresGrad(key, value):
                rows.append({"kind": "requires_grad", "key": key, "value": value})
            case NoGrad(keys):
                rows.append({"kind": "no_grad", "keys": keys})
            case Detach(key, port):
                rows.append({"kind": "detach", "key": key, "port": port})
            case ZeroGrad(policy):
                rows.append({"kind": "zero_grad", "policy": policy})
            case NumericCheck():
                rows.append({"kind": "numeric_check"})
            case _:
                rows.append(to_row(o))
    return rows


def from_json(rows: Sequence[dict[str, Any]]) -> tuple[Override, ...]:
    """What `to_json` made plain."""
    made: list[Override] = []
    for row in rows:
        match row["kind"]:
            case "requires_grad":
                made.append(RequiresGrad(_key(row["key"]), bool(row["value"])))
            case "no_grad":
                made.append(NoGrad(tuple(_key(k) for k in row["keys"])))
            case "detach":
                made.append(Detach(_key(row["key"]), int(row["port"])))
            case "zero_grad":
                made.append(ZeroGrad(str(row["policy"])))
            case "numeric_check":
                made.append(NumericCheck())
            case _:
                change = from_row(row, _key)
                made += [] if change is None else [change]
    return tuple(made)


def _key(raw: Any) -> SiteKey:
    path, line, op, occurrence = raw
    return (tuple(path), int(line), str(op), int(occurrence))


class WhatIf:
    """The engine's Intervention for a list of overrides; asks the recorder where the program stands."""

    def __init__(self, overrides: Sequence[Override], recorder: Recorder) -> None:
        self._recorder = recorder
        self._flags = {o.key: o.value for o in overrides if isinstance(o, RequiresGrad)}
        self._no_grad = {k for o in overrides if isinstance(o, NoGrad) for k in o.keys}
        self._detach: dict[SiteKey, set[int]] = {}
        for o in overrides:
            if isinstance(o, Detach):
                self._detach.setdefault(o.key, set()).add(o.port)
        self._detach_later = [o for o in overrides if isinstance(o, DetachFrom)]
        self.tick: Callable[[], None] = lambda: None  # makes changes whose moment has come, before an op reads

    def leaf(self, tensor: Any) -> None:
        """Give a leaf the flag that the user chose."""
        self._recorder.grad_again()
        self.tick()
        if not self._flags:
            return
        value = self._flags.get(self._recorder.peek_site("tensor"))
        if value is not None and tensor._data.dtype.kind in "fcV":
            tensor._requires_grad = value

    def before_op(self, op: Any, inputs: tuple[Any, ...], grad_enabled: bool) -> tuple[tuple[Any, ...], bool]:
        """Detach inputs and switch off the grad mode where the user said so."""
        self._recorder.grad_again()
        self.tick()
        if self._detach_later:
            noted = self._recorder.noted
            for o in [o for o in self._detach_later if noted > o.at]:
                self._detach_later.remove(o)
                self._detach.setdefault(o.key, set()).add(o.port)
        if not self._no_grad and not self._detach:
            return inputs, grad_enabled
        key = self._recorder.peek_site(op.name)
        ports = self._detach.get(key)
        if ports:
            inputs = tuple(x.detach() if k in ports and hasattr(x, "detach") else x for k, x in enumerate(inputs))
        if key in self._no_grad and grad_enabled:
            self._recorder.without_grad()
            return inputs, False
        return inputs, grad_enabled
