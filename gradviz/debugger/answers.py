"""What a Session answers to the panels: pure data, one class a question. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scene import Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    import numpy as np

    Integers = Sequence[int] | np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """One value that a node keeps for its vjp."""

    name: str  # "self", "other", "result"
    saved_version: int
    current_version: int  # differs: overwritten since, backward will fail
    freed: bool
    picture: Picture | None
    event: int  # where it was saved


@dataclass(frozen=True, slots=True)
class Kept:
    """One tensor that an optimizer keeps for a parameter."""

    key: str  # "momentum_buffer", "exp_avg"
    title: str  # "opt.state[w].momentum_buffer"
    picture: Picture | None  # None before the first step
    event: int  # who wrote it last, before the first step who writes it first; -1 for none
    sentence: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a value: the event to jump to, and one sentence."""

    event: int
    sentence: str
    line: int


@dataclass(frozen=True, slots=True)
class Output:
    """One of several results of a node."""

    title: str  # its variable, else the field of what PyTorch returns (".indices"), else "output 1"
    shape: tuple[int, ...]
    dtype: str
    value: Picture | None
    grad: Picture | None
    grad_label: str
    value_writer: Writer | None
    grad_writer: Writer | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that is known of one node at the current moment."""

    node: int
    title: str
    op: str
    grad_fn: str
    line: int
    shape: tuple[int, ...]
    dtype: str
    flags: tuple[tuple[str, str], ...]  # (("is_leaf", "True"), ("requires_grad", "False"), ("_version", "0"), ...)
    value: Picture | None
    grad: Picture | None
    grad_label: str  # "x.grad", "cotangent of y (1 of 2 arrived)", "no gradient: ..."
    value_writer: Writer | None
    grad_writer: Writer | None
    saved: tuple[Saved, ...]
    inputs: tuple[int, ...]  # node ids
    outputs: tuple[int, ...]
    kept: tuple[Kept, ...] = ()  # by an optimizer, of a parameter
    results: tuple[Output, ...] = ()  # where the node has several; value, gradient and writers above are those of the first


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one backward pass added to a leaf's `.grad`."""

    event: int
    pass_: int
    epoch: int
    norm: float
    total: float  # sum of the elements of the increment: signed, so that bars stack


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The bar of one epoch (or of one pass outside loops): everything that stands in `.grad` at its end, by origin."""

    label: str  # "epoch 2" or "backward 0"
    event: int  # the last write in it
    parts: tuple[Contribution, ...]  # older contributions that were not zeroed away come first
    cleared: bool  # zero_grad emptied it afterwards, in the same epoch
    none: bool  # `.grad` was None at the end


@dataclass(frozen=True, slots=True)
class Ledger:
    """How one leaf's `.grad` was filled."""

    leaf: int  # node id
    name: str
    rows: tuple[LedgerRow, ...]
    before: int = 0  # writes of a long run that came before these rows
    after: int = 0  # and after them


@dataclass(frozen=True, slots=True)
class Series:
    """`.grad` of one leaf over time: a point for each write (accumulate or zero_grad)."""

    leaf: int
    name: str
    events: tuple[int, ...]
    epochs: tuple[int, ...]
    norms: tuple[float, ...]
    elements: tuple[tuple[float, ...], ...]  # the first 16 elements at each point, nan where `.grad` is None
    kinds: tuple[str, ...]  # "accumulate" or "zero_grad"


@dataclass(frozen=True, slots=True)
class Operand:
    """A value of a derivation with the symbol that the formula has for it."""

    symbol: str  # LaTeX
    words: str  # "upstream gradient", "y (saved)", "local derivative"
    picture: Picture


@dataclass(frozen=True, slots=True)
class Derivation:
    """A vjp written out for one input, with the numbers of this moment."""

    node: int
    call: int
    input_nr: int
    input_name: str
    formula: str  # LaTeX: \bar{x} = \bar{y} \odot \cos(x)
    plain: str  # the same in Unicode text
    upstream: Operand
    operands: tuple[Operand, ...]
    local: Operand | None  # elementwise ops: dy/dx elementwise; None where it is no elementwise product
    product: Operand  # before the sum over broadcast axes
    reduced: Operand | None  # after it, None where nothing was broadcast
    steps: tuple[str, ...]  # sentences, one for each sub-step: what is shown when
    others: tuple[Operand, ...] = ()  # the upstream gradients of further outputs


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """An event that the timeline draws as more than a tick."""

    event: int
    kind: str  # "epoch", "step", "backward", "zero_grad", "optimizer", "error", "print", "breakpoint"
    label: str


class Marks:
    """All marks of a run, however many: where they stand as arrays, what they say only where somebody looks."""

    def __init__(self, at: Mapping[str, np.ndarray[Any, np.dtype[np.int64]]], label: Callable[[str, int], str]) -> None:
        """`at`: for each kind its events, ascending; `label(kind, event)`: what the mark says."""
        self.at = {kind: events for kind, events in at.items() if len(events)}
        self._label = label

    def mark(self, kind: str, event: int) -> TimelineMark:
        """The mark of a kind at an event."""
        return TimelineMark(event, kind, self._label(kind, event))

    def __iter__(self) -> Iterator[TimelineMark]:
        pairs = sorted((event, kind) for kind, events in self.at.items() for event in events.tolist())
        return (self.mark(kind, event) for event, kind in pairs)


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The lanes of the timeline: for each event its lane (Phase), and the marks above them."""

    phases: Integers  # Phase of each event
    passes: Integers  # pass number of each event, -1 before the first
    marks: Marks
