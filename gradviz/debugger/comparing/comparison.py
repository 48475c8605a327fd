"""Any two runs against each other: where they first differ, what only one of them does, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from ..diagnosis.finding import source_line
from .alignment import Alignment, align, untold
from .values import ValuePairs, relative
from .words import against, doing

if TYPE_CHECKING:
    from ..session import Session
    from ..trace.columns import Flags, Ints

# What a user does, before what follows from it: the sentence names these first.
_CAUSES = (
    Kind.ERROR, Kind.ZERO_GRAD, Kind.ASSIGN_GRAD, Kind.DETACH, Kind.SET_REQUIRES_GRAD, Kind.MODE_ENTER, Kind.INPLACE_WRITE,
    Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.OPTIMIZER_STEP, Kind.HOOK, Kind.BACKWARD_BEGIN,
)  # fmt: skip
_QUIET = (Kind.PRINT, Kind.BOUNDARY, Kind.MODE_EXIT, Kind.BACKWARD_END)  # listed, and left out of the sentence
_SAID = ("requires_grad", "value", "mode", "enabled", "grad_fn", "skipped", "set_to_none", "type")  # of a detail: what is compared
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where the two runs differ: the event in each, and what stands there."""

    event_a: int
    event_b: int
    step: int
    doing: str
    a: str
    b: str

    @property
    def text(self) -> str:
        """ "step 1, accumulate into weights.grad, 3 against 6"."""
        return f"step {self.step}, {self.doing}, {self.a} against {self.b}"


@dataclass(frozen=True, slots=True)
class Extra:
    """Events of one kind and place that only one run has."""

    run: str  # "A" or "B"
    kind: Kind
    doing: str
    events: tuple[int, ...]  # in that run, ascending
    steps: tuple[int, int]  # first and last
    follows: bool = False  # both scripts call zero_grad there: in the other run there was no gradient to clear

    @property
    def text(self) -> str:
        """ "zero_grad of weights only in A: 3 times, steps 0 to 2"."""
        first, last = self.steps
        often = "once" if len(self.events) == 1 else f"{len(self.events)} times"
        when = f"step {first}" if first == last else f"steps {first} to {last}"
        return f"{self.doing} only in {self.run}: {often}, {when}"


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """How far a node of A is from its partner in B at a moment; inf where one has no number."""

    value: float
    grad: float

    @property
    def worst(self) -> float:
        """The larger of the two."""
        return max(self.value, self.grad)


class RunComparison:
    """Two runs, aligned.

    Args:
        tolerance: values with |A - B| / |A| up to it count as equal; 0 compares to the last bit.
    """

    def __init__(self, a: Session, b: Session, tolerance: float = 0.0) -> None:
        self.a, self.b = a, b
        self.tolerance = tolerance
        self.alignment: Alignment = align(a, b)
        self._pairs = ValuePairs(a.recording, b.recording)
        self._signs: dict[str, int] = {}

    def within(self, tolerance: float) -> RunComparison:
        """The same two runs with another tolerance, without aligning them again."""
        made = object.__new__(RunComparison)
        made.a, made.b, made.tolerance = self.a, self.b, tolerance
        made.alignment, made._pairs, made._signs = self.alignment, self._pairs, {}
        return made

    @property
    def same(self) -> bool:
        """Whether nothing differs and neither run has events of its own."""
        return self.first is None and not self.extras

    # -- differences ----------------------------------------------------------------------------------------

    @cached_property
    def differing(self) -> Ints:
        """The events of A that have a partner which wrote something else, ascending."""
        to_b = self.alignment.to_b
        events = np.flatnonzero((to_b >= 0) & ~untold(self.a.columns.kind))
        partners = to_b[events]
        writes_a, writes_b = self.alignment.writes_a, self.alignment.writes_b
        differs: Flags = writes_a.count[events] != writes_b.count[partners]
        for place in range(int(writes_a.count[events].max(initial=0))):
            rows = np.flatnonzero((writes_a.count[events] > place) & (writes_b.count[partners] > place))
            values = writes_a.of(events[rows], place), writes_b.of(partners[rows], place)
            differs[rows] |= self._pairs.differ(*values, self.tolerance)
        told_a, told_b = self._details(self.a)[events], self._details(self.b)[partners]
        found: Ints = events[differs | (told_a != told_b)]
        return found

    def _details(self, session: Session) -> Ints:
        """A number for what the detail of each event says apart from numbers; one event a template is opened."""
        recording, block = session.recording, 1 << 16
        made = np.zeros(len(recording), np.int64)
        for start in range(0, len(recording), block):
            stop = min(start + block, len(recording))
            template = recording.rows(start, stop)["template"]
            _, at, back = np.unique(template, return_index=True, return_inverse=True)
            signs = [self._sign(recording.event(start + int(k))) for k in at]
            made[start:stop] = np.array(signs, np.int64)[back.reshape(-1)]
        return made

    def _sign(self, event: Event) -> int:
        said = repr([event.detail.get(name) for name in _SAID]) if event.kind != Kind.ZERO_GRAD else ""
        return self._signs.setdefault(said, len(self._signs))

    @cached_property
    def first(self) -> Spot | None:
        """Where the runs first differ."""
        return self.spot(int(self.differing[0])) if len(self.differing) else None

    def spot(self, event_a: int) -> Spot:
        """A difference in words."""
        event_b = int(self.alignment.to_b[event_a])
        one, other = self.a.trace.event(event_a), self.b.trace.event(event_b)
        words = self._told(one, other)
        return Spot(event_a, event_b, one.step, doing(self.a, one), *words)

    def _told(self, one: Event, other: Event) -> tuple[str, str]:
        if one.kind == Kind.VJP and one.detail.get("inputs") != other.detail.get("inputs"):
            counts = [len(event.writes) for event in (one, other)]
            words = [f"{count} gradient{'s' if count != 1 else ''}" for count in counts]
            return (words[0], words[1]) if counts[0] != counts[1] else ("gradients of some inputs", "those of others")
        for place in range(max(len(one.writes), len(other.writes))):
            value_a = one.writes[place].value if place < len(one.writes) else -1
            value_b = other.writes[place].value if place < len(other.writes) else -1
            apart = (value_a < 0) != (value_b < 0) or (value_a >= 0 and self._pairs.apart(value_a, value_b) > self.tolerance)
            if apart:
                return against(self.a.trace.picture(value_a), self.b.trace.picture(value_b))
        for name in _SAID:
            if one.detail.get(name) != other.detail.get(name):
                return f"{name} {_plain(one.detail.get(name))}", f"{name} {_plain(other.detail.get(name))}"
        return "one thing", "another"

    def next_difference(self, event_a: int, delta: int) -> int | None:
        """The next (+1) or previous (-1) event of A that differs, None where there is none."""
        rows = self.differing
        if delta > 0:
            k = int(np.searchsorted(rows, event_a, side="right"))
            return int(rows[k]) if k < len(rows) else None
        k = int(np.searchsorted(rows, event_a, side="left"))
        return int(rows[k - 1]) if k else None

    # -- inserted and missing events ---------------------------------------------------------------------------

    @cached_property
    def extras(self) -> tuple[Extra, ...]:
        """What only one run does, by kind and place: what somebody did first, then what follows from it."""
        found = [*self._extras(self.a, self.alignment.to_b, "A"), *self._extras(self.b, self.alignment.to_a, "B")]
        return tuple(sorted(found, key=lambda e: (e.follows, _rank(e.kind), e.events[0], e.run)))

    def _extras(self, session: Session, partners: Ints, run: str) -> list[Extra]:
        columns = session.columns
        writes = self.alignment.writes_a if run == "A" else self.alignment.writes_b
        events = np.flatnonzero((partners < 0) & ~untold(columns.kind))
        if not len(events):
            return []
        owner = np.full(len(events), -1, np.int64)  # a zero_grad has no site: whose `.grad` it empties tells it from others
        siteless = np.flatnonzero((columns.site[events] < 0) & (writes.count[events] > 0))
        owner[siteless] = writes.location[writes.first[events[siteless]]]
        keys = np.stack((columns.kind[events], columns.site[events], columns.line[events], owner), axis=1)
        _, at, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        back = back.reshape(-1)
        order = np.argsort(back, kind="stable")
        groups = np.split(events[order], np.searchsorted(back[order], np.arange(1, len(at))))
        made = []
        for group in groups:
            event = session.trace.event(int(group[0]))
            steps = int(columns.step[group[0]]), int(columns.step[group[-1]])
            follows = event.kind == Kind.ZERO_GRAD and self._in_both(run, event.line)
            made.append(Extra(run, event.kind, doing(session, event), tuple(group.tolist()), steps, follows))
        return made

    def _in_both(self, run: str, line: int) -> bool:
        """Whether two texts have a line that clears gradients in common, word for word; a branch clears them beside any line."""
        if self.a.recording.source == self.b.recording.source:
            return False
        lines = self.alignment.lines
        a, b = (line, next((k for k, v in lines.items() if v == line), 0)) if run == "A" else (lines.get(line, 0), line)
        texts = [source_line(session, k).strip() if k else "" for session, k in ((self.a, a), (self.b, b))]
        return texts[0] == texts[1] and ("zero" in texts[0] or ".grad = None" in texts[0])

    @property
    def does_more(self) -> str:
        """The run, "A" or "B", that alone does something which the other leaves out; "" where both or neither does."""
        runs = {extra.run for extra in self.extras if extra.kind in _CAUSES and not extra.follows}
        return next(iter(runs)) if len(runs) == 1 else ""

    @property
    def parting(self) -> int:
        """The first event of A that is not just the same in B, the length of A where there is none."""
        alone = np.flatnonzero((self.alignment.to_b < 0) & ~untold(self.a.columns.kind))
        first = [int(rows[0]) for rows in (self.differing, alone) if len(rows)]
        return min(first, default=len(self.a.recording))

    # -- the sentence -----------------------------------------------------------------------------------------------

    @cached_property
    def verdict(self) -> str:
        """One sentence."""
        equal = "the same to the last bit" if not self.tolerance else f"equal within {self.tolerance:g}"
        parts = self._only()
        if self.first is not None:
            parts.append(f"first difference at {self.first.text}")
        elif parts:
            parts.append(f"all that both do is {equal}")
        return "; ".join(parts) or f"The runs are {equal}: {len(self.a.recording):,} events in both"

    def _only(self) -> list[str]:
        parts = []
        for run in ("A", "B"):
            mine = [e for e in self.extras if e.run == run and e.kind not in _QUIET and not e.follows]
            causes = [e for e in mine if e.kind in _CAUSES]
            names = list(dict.fromkeys("zero_grad" if e.kind == Kind.ZERO_GRAD else e.doing for e in causes))
            rest = [e for e in mine if e.kind not in _CAUSES]
            if names:
                more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
                parts.append(f"{', '.join(names[:_NAMED])}{more} only in {run}")
            if rest:
                count = sum(len(e.events) for e in rest)
                places = f" ({rest[0].doing}{' and more' if len(rest) > 1 else ''})"
                parts.append(f"{count:,} event{'s' if count > 1 else ''} of backward{places} only in {run}")
        return parts

    # -- at a moment ------------------------------------------------------------------------------------------------

    def nodes_now(self) -> dict[int, NodeDifference]:
        """For each node of A that both runs have where their cursors stand: how far apart it is."""
        states_a, states_b = self.a.moment().states, self.b.moment().states
        back = self.alignment.sites_back
        pairs = ((node, state, states_b.get(back.get(node, -1))) for node, state in states_a.items())
        return {node: NodeDifference(relative(s.value, o.value), relative(s.grad, o.grad)) for node, s, o in pairs if o is not None}


def _rank(kind: Kind) -> int:
    return _CAUSES.index(kind) if kind in _CAUSES else len(_CAUSES) + (kind in _QUIET)


def _plain(said: object) -> str:
    return "none" if said in ("", None) else str(said)
