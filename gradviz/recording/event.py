"""What an event of a recording is: the vocabulary and one row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from math import inf, nan, prod
from typing import Any, NamedTuple


class Kind(IntEnum):
    """What happened. The numbers are part of the file format: add at the end, never renumber."""

    CREATE_LEAF = 0
    BIND_NAME = 1
    SET_REQUIRES_GRAD = 2
    MODE_ENTER = 3
    MODE_EXIT = 4
    OP = 5
    VIEW = 6
    DETACH = 7
    SAVE = 8
    INPLACE_WRITE = 9
    BACKWARD_BEGIN = 10
    SEED = 11
    VJP = 12
    DELIVER = 13
    HOOK = 14
    ACCUMULATE = 15
    FREE_SAVES = 16
    BACKWARD_END = 17
    ZERO_GRAD = 18
    OPTIMIZER_STEP = 19
    BOUNDARY = 20
    PRINT = 21
    ERROR = 22
    ASSIGN_GRAD = 23


class Phase(IntEnum):
    """In which lane of the timeline an event stands."""

    FORWARD = 0
    BACKWARD = 1
    UPDATE = 2


class Ref(NamedTuple):
    """A location at a version: which slot was read or written, and the value that it held then.

    `value` is the id of a value in the recording's store, -1 where none was kept (None, or over budget).
    """

    location: int
    version: int
    value: int


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a recording.

    Attributes:
        index: its place in the recording, from 0.
        site: where in the program it stands (index into `Recording.sites`), -1 for none. The events of a
            backward node carry the site of the op that made the node.
        call: id of the op call, the same for OP, SAVE, VJP, FREE_SAVES and DELIVER's source; -1 for none.
        pass_: -1 before the first backward, else the number of the latest backward pass, from 0.
        step, epoch: numbers from 0; epoch is -1 outside loops.
        line: 1-based line of the script, 0 for none.
        detail: small JSON-able extras of the kind (mode's name, text of a print, "1 of 2 arrived").
    """

    index: int
    kind: Kind
    site: int
    call: int
    line: int
    step: int
    epoch: int
    pass_: int
    phase: Phase
    grad_mode: bool
    reads: tuple[Ref, ...]
    writes: tuple[Ref, ...]
    detail: dict[str, Any] = field(default_factory=dict)


class Stats(NamedTuple):
    """What is always known of a value, also where its numbers were not kept; norm to maximum are those of its finite elements."""

    shape: tuple[int, ...]
    dtype: str
    norm: float
    max_abs: float
    mean: float
    minimum: float
    maximum: float
    nans: int
    infs: int
    zeros: int

    @property
    def whole_norm(self) -> float:
        """The norm of all elements, as PyTorch has it: nan or inf where one of them is."""
        return nan if self.nans else inf if self.infs else self.norm

    @property
    def some_finite(self) -> bool:
        """Whether mean, minimum and maximum are those of any number."""
        return prod(self.shape) > self.nans + self.infs


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the program: the same node of the canvas in each epoch.

    Attributes:
        role: "leaf", "op", "view", "detach", "inplace" or "bucket" (the AccumulateGrad of a leaf).
        op: the op's name ("add"), or "tensor" for a leaf, "AccumulateGrad" for a bucket.
        grad_fn: name of its backward node ("AddBackward0"), "" where there is none.
        name: the variable that the script last bound to its output, "" for none.
        line, path: the script line, and the lines of the calls that led to it, outermost first.
        occurrence: which of the same op at the same place in one step, from 0.
    """

    index: int
    role: str
    op: str
    grad_fn: str
    name: str
    line: int
    path: tuple[int, ...]
    occurrence: int


SiteKey = tuple[tuple[int, ...], int, str, int]


def key_of(site: Site) -> SiteKey:
    """What makes a site the same in another run of the same text."""
    return (site.path, site.line, site.op, site.occurrence)
