"""The chain rule written out: for one leaf and one backward pass, each way from the loss to the leaf as a product of
local derivatives, with the numbers of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.derivation.jacobian import MOST_SIDE
from ..recording.event import Kind
from .jacobian import Jacobian, jacobians
from .losses import graded

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

MOST_WAYS = 6


@dataclass(frozen=True, slots=True)
class Way:
    """One way from the root to the leaf, the factor next to the root first."""

    seed: Array  # (root's elements,)
    factors: tuple[Jacobian, ...]
    product: Array  # (leaf's elements,)
    leaf: str

    @property
    def names(self) -> tuple[str, ...]:
        """The values along the way, root first, leaf last; a name that comes again is numbered."""
        plain = [*(f.output for f in self.factors), self.leaf]
        return tuple(f"{name}{plain[:k].count(name) + 1}" if plain.count(name) > 1 else name for k, name in enumerate(plain))

    @property
    def symbols(self) -> tuple[str, ...]:
        """Each factor in symbols."""
        return tuple(f"∂{a}/∂{b}" for a, b in pairwise(self.names))


@dataclass(frozen=True, slots=True)
class ChainRule:
    """The picture.

    Attributes:
        ways: all ways; their products add up to `total`.
        recorded: what the pass added to the leaf's `.grad`.
        reached: how many factors of each way have fired at the moment.
    """

    leaf: int
    name: str
    root: str
    pass_: int
    ways: tuple[Way, ...]
    total: Array
    recorded: Array
    shape: tuple[int, ...]
    reached: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        """Whether the ways add up to what was written. They do, unless a saved value was overwritten through `.data`."""
        return bool(np.allclose(self.total, self.recorded, rtol=1e-3, atol=1e-6, equal_nan=True))


def leaves(session: Session, position: int) -> tuple[int, ...]:
    """The leaves that the pass at a moment writes to, the smallest first."""
    pass_ = _pass_at(session, position)
    found = []
    for leaf in graded(session):
        row = _accumulation(session, leaf, pass_)
        if row is not None and _size(session, row) <= MOST_SIDE:
            found.append((_size(session, row), leaf))
    return tuple(leaf for _, leaf in sorted(found))


def fits(session: Session) -> bool:
    """Whether the chain rule of some leaf is short enough to be written out."""
    return any(chain(session, session.length - 1, leaf) is not None for leaf in leaves(session, session.length - 1)[:4])


def chain(session: Session, position: int, leaf: int) -> ChainRule | None:
    """The chain rule of a leaf in the pass at a moment; None where it has too many ways, or too large factors."""
    pass_ = _pass_at(session, position)
    row = _accumulation(session, leaf, pass_)
    if row is None:
        return None
    trace = session.trace
    arrived = trace.picture(trace.event(row).reads[0].value)
    if arrived is None or arrived.array is None:
        return None
    found = _ways(session, pass_, trace.event(row).call)
    if not found:
        return None
    node = session.graph().node(leaf)
    name = node.title if node is not None else str(leaf)
    ways = tuple(_way(seed, factors, name) for seed, factors in found)
    fired = tuple(sum(f.event <= position for f in way.factors) for way in ways)
    total = np.sum([way.product for way in ways], axis=0)
    recorded = arrived.array.reshape(-1).astype(np.float64)
    if total.shape != recorded.shape:
        return None
    root = ways[0].factors[0].output if ways[0].factors else ""
    return ChainRule(leaf, name, root, pass_, ways, total, recorded, arrived.array.shape, fired)


def _way(seed: Array, factors: tuple[Jacobian, ...], leaf: str) -> Way:
    product = seed
    for factor in factors:
        product = product @ factor.matrix
    return Way(seed, factors, product, leaf)


def _ways(session: Session, pass_: int, target: int) -> list[tuple[Array, tuple[Jacobian, ...]]]:
    """Each way from a seed to a call: seed and factors. Empty where there are too many, or a factor is not known."""
    trace, columns = session.trace, session.columns
    rows = np.flatnonzero(columns.pass_ == pass_)
    into: dict[int, list[tuple[int, int]]] = {}  # call -> (call that handed on, number of its input)
    seeds: dict[int, Array] = {}
    fires: dict[int, int] = {}
    for row in rows.tolist():
        kind = int(columns.kind[row])
        if kind == Kind.DELIVER:
            event = trace.event(row)
            into.setdefault(int(event.detail["target"]), []).append((event.call, int(event.detail.get("input_nr", 0))))
        elif kind == Kind.VJP:
            fires[int(columns.call[row])] = row
        elif kind == Kind.SEED:
            event = trace.event(row)
            picture = trace.picture(event.writes[0].value) if event.writes else None
            if picture is not None and picture.array is not None:
                seeds[event.call] = picture.array.reshape(-1).astype(np.float64)
    known: dict[int, dict[int, Jacobian]] = {}
    done: list[tuple[Array, tuple[Jacobian, ...]]] = []
    waiting: list[tuple[int, tuple[Jacobian, ...]]] = [(target, ())]
    while waiting:
        call, factors = waiting.pop()
        if call in seeds and factors:
            done.append((seeds[call], factors))
        for source, nr in into.get(call, ()):
            if source not in known:
                known[source] = {j.input_nr: j for j in jacobians(session, fires[source])} if source in fires else {}
            factor = known[source].get(nr)
            if factor is None:
                return []
            waiting.append((source, (factor, *factors)))
        if len(waiting) + len(done) > MOST_WAYS:
            return []
    return done


def _pass_at(session: Session, position: int) -> int:
    """The pass of a moment; before the first one, the first."""
    return max(0, int(session.columns.pass_[position])) if 0 <= position < session.length else 0


def _accumulation(session: Session, leaf: int, pass_: int) -> int | None:
    bucket = session.trace.bucket_of.get(leaf)
    if bucket is None:
        return None
    rows = session.recording.events_of_site(bucket)
    here = [int(r) for r in rows if int(session.columns.pass_[r]) == pass_ and int(session.columns.kind[r]) == Kind.ACCUMULATE]
    return here[0] if here else None


def _size(session: Session, row: int) -> int:
    event = session.trace.event(row)
    if not event.reads or event.reads[0].value < 0:
        return MOST_SIDE + 1
    shape, _ = session.recording.form(event.reads[0].value)
    return int(np.prod(shape, dtype=np.int64))
