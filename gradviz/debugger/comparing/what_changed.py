"""What a what-if run changed: two recordings of the same text, matched site by site.

A site is the same in both runs where (path, line, op, occurrence) is the same; a detach that the second run
put in stands on its own and shifts nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind, Site
from ..scene import GraphEdge, GraphNode, NodeKind, Picture
from ..words.captions import numbers

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints

_NAMED = 6  # nodes that a sentence names; the rest is counted
_LOOKED_AT = 50_000  # events among which the first one is sought that a run which stopped did not come to
_LANDMARKS = (
    Kind.CREATE_LEAF, Kind.OP, Kind.VIEW, Kind.INPLACE_WRITE, Kind.BACKWARD_BEGIN, Kind.VJP, Kind.ACCUMULATE, Kind.ZERO_GRAD,
    Kind.ASSIGN_GRAD, Kind.OPTIMIZER_STEP, Kind.PRINT,
)  # fmt: skip
Key = tuple[str, tuple[int, ...], int, str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed, in a sentence.

    `kind`: "error", "stopped", "fixed", "leaf lost", "leaf gained", "nodes lost", "nodes gained", "gone", "new", "value", "grad", "cut".
    `nodes` are node ids of the second run (of the first for "gone"), to be lit when the sentence is pointed at.
    """

    kind: str
    sentence: str
    nodes: tuple[int, ...] = ()
    edge: GraphEdge | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second run differs from the first. All node ids are the second run's, but for `gone`.

    Attributes:
        lost_leaves, gained_leaves: leaves whose `.grad` is no longer written, or now is.
        lost, gained: nodes that no longer fire, or now do (leaves and buckets among them).
        changed_values: nodes whose last value differs.
        changed_grads: leaves whose last `.grad` differs.
        gone, new: nodes that only the first, or only the second run has.
        cut: where the gradient stops now, the first cut edge on the way back from the root.
        error: PyTorch's words of an error that only the second run has.
    """

    differences: tuple[Difference, ...]
    lost_leaves: frozenset[int]
    gained_leaves: frozenset[int]
    lost: frozenset[int]
    gained: frozenset[int]
    changed_values: frozenset[int]
    changed_grads: frozenset[int]
    gone: frozenset[int]
    new: frozenset[int]
    cut: GraphEdge | None
    error: str

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.differences)

    def __len__(self) -> int:
        return len(self.differences)

    @property
    def text(self) -> str:
        """All sentences, or that nothing changed."""
        return " ".join(d.sentence for d in self.differences) or "Nothing changed: the same values and the same gradients."


def compare(before: RecordedRun, after: RecordedRun) -> Comparison:
    """What changed from `before` to `after`."""
    return _Comparer(before, after).comparison()


def site_key(site: Site) -> Key:
    """What makes a site the same in another run of the same text."""
    return (site.role if site.role in ("leaf", "bucket") else "op", site.path, site.line, site.op, site.occurrence)


class _Comparer:
    """Collects the differences; `same` maps nodes of the second run to the first's."""

    def __init__(self, before: RecordedRun, after: RecordedRun) -> None:
        self.before, self.after = before, after
        old = {site_key(before.recording.sites[node.id]): node for node in before.graph().nodes}
        new = {site_key(after.recording.sites[node.id]): node for node in after.graph().nodes}
        self.pairs = [(old[key], node) for key, node in new.items() if key in old]
        error, was = after.recording.error, before.recording.error
        # A run that ends early has done less: what it did not come to did not change.
        self.stopped = bool(error) and (not was or after.length < before.length)
        self.gone = [node for key, node in old.items() if key not in new]
        self.new = [node for key, node in new.items() if key not in old]

    def comparison(self) -> Comparison:
        fired_before, fired_after = self.before.trace.fired, self.after.trace.fired
        lost = [b for a, b in self.pairs if a.id in fired_before and b.id not in fired_after]
        gained = [b for a, b in self.pairs if a.id not in fired_before and b.id in fired_after]
        lost_leaves, gained_leaves = self._leaves()
        values = [b for a, b in self.pairs if self._value_changed(a, b)]
        told = {leaf.id for leaf in (*lost_leaves, *gained_leaves)}
        grads = [b for a, b in self.pairs if b.id not in told and self._grad_changed(a, b)]
        error = self._new_error()
        cut = self._cut(lost_leaves)
        return Comparison(
            differences=tuple(self._sentences(error, lost_leaves, gained_leaves, lost, gained, values, grads, cut)),
            lost_leaves=_ids(lost_leaves),
            gained_leaves=_ids(gained_leaves),
            lost=_ids(lost) | _ids(lost_leaves),
            gained=_ids(gained) | _ids(gained_leaves),
            changed_values=_ids(values),
            changed_grads=_ids(grads),
            gone=_ids(self.gone),
            new=_ids(self.new),
            cut=cut[1] if cut else None,
            error=error,
        )

    def _leaves(self) -> tuple[list[GraphNode], list[GraphNode]]:
        """The leaves that no longer get a gradient, and those that now do (a leaf may have no bucket in one of the runs)."""
        lost, gained = [], []
        for a, b in self.pairs:
            if b.is_leaf:
                had, has = _gets_gradient(self.before, a), _gets_gradient(self.after, b)
                lost += [b] if had and not has else []
                gained += [b] if has and not had else []
        return lost, gained

    def _value_changed(self, a: GraphNode, b: GraphNode) -> bool:
        if b.kind == NodeKind.BUCKET:
            return False
        turns, writes = _counts(self.after, b) if self.stopped else (None, None)
        return not _same(_last_value(self.before, a, turns, writes), _last_value(self.after, b))

    def _grad_changed(self, a: GraphNode, b: GraphNode) -> bool:
        return b.is_leaf and not _same(self._grad_before(a, b), _last_grad(self.after, b))

    def _grad_before(self, a: GraphNode, b: GraphNode) -> Picture | None:
        """The first run's `.grad` that the second run's last one is to be held against."""
        return _last_grad(self.before, a, len(_grad_rows(self.after, b)) if self.stopped else None)

    def _first_missing(self) -> str:
        """What the first run did next where the second one had stopped, in words; "" where it is not found."""
        told = [int(kind) for kind in _LANDMARKS]

        def landmarks(run: RecordedRun) -> Iterator[tuple[int, object]]:
            columns, sites = run.columns, run.recording.sites
            for row in np.flatnonzero(np.isin(columns.kind, told))[:_LOOKED_AT].tolist():
                site = int(columns.site[row])
                yield row, (int(columns.kind[row]), site_key(sites[site]) if site >= 0 else int(columns.line[row]))

        there = Counter(key for _, key in landmarks(self.after))
        for row, key in landmarks(self.before):
            there[key] -= 1
            if there[key] < 0:
                from .words import doing

                return doing(self.before, self.before.trace.event(row))
        return ""

    def _new_error(self) -> str:
        new, old = self.after.recording.error, self.before.recording.error
        return str(new["text"]) if new and (not old or old["text"] != new["text"]) else ""

    def _cut(self, lost_leaves: list[GraphNode]) -> tuple[str, GraphEdge | None, int] | None:
        """(sentence, edge, node) of why the first lost leaf gets nothing."""
        for leaf in lost_leaves:
            found = self.after.why_not(leaf.id)
            if found.reason != "reached":
                return found.sentence, found.edge, found.node
        return None

    def _sentences(
        self,
        error: str,
        lost_leaves: list[GraphNode],
        gained_leaves: list[GraphNode],
        lost: list[GraphNode],
        gained: list[GraphNode],
        values: list[GraphNode],
        grads: list[GraphNode],
        cut: tuple[str, GraphEdge | None, int] | None,
    ) -> Iterator[Difference]:
        new, old = self.after.recording.error, self.before.recording.error
        if error and new:
            yield Difference("error", f"The run now fails in line {new['line']}: {new['type']}: {error.rstrip('.')}.")
        elif old and not new:
            yield Difference("fixed", f"The run no longer fails ({old['type']}: {old['text']}).")
        for leaf in lost_leaves:
            yield Difference("leaf lost", f"{leaf.title} no longer gets a gradient.", (leaf.id,))
        if cut:
            yield Difference("cut", cut[0], (cut[2],), cut[1])
        missing = self._first_missing() if self.stopped else ""
        if missing:
            yield Difference("stopped", f"The run stopped before {missing}: that and what follows did not happen.")
        for leaf in gained_leaves:
            yield Difference("leaf gained", f"{leaf.title} now gets a gradient: {numbers(_last_grad(self.after, leaf))}.", (leaf.id,))
        inner_lost = [node for node in lost if node.kind != NodeKind.BUCKET]
        inner_gained = [node for node in gained if node.kind != NodeKind.BUCKET]
        if inner_lost:
            yield Difference("nodes lost", f"No gradient passes {_named(inner_lost)} any more.", tuple(n.id for n in inner_lost))
        if inner_gained:
            yield Difference("nodes gained", f"A gradient now passes {_named(inner_gained)}.", tuple(n.id for n in inner_gained))
        for leaf in grads[:_NAMED]:
            was = next(a for a, b in self.pairs if b.id == leaf.id)
            old_text, new_text = numbers(self._grad_before(was, leaf)), numbers(_last_grad(self.after, leaf))
            yield Difference(
                "grad", f"{leaf.title}.grad ends as {new_text}, it was {old_text}{' then' if self.stopped else ''}.", (leaf.id,)
            )
        if values:
            yield Difference("value", f"The value of {_named(values)} changed.", tuple(node.id for node in values))
        gone = [node for node in self.gone if node.kind != NodeKind.BUCKET]
        if gone:
            how = "did not run any more" if self.stopped else f"no longer {'runs' if len(gone) == 1 else 'run'}"
            yield Difference("gone", f"{_named(gone)} {how}.", tuple(node.id for node in gone))
        added = [node for node in self.new if node.kind != NodeKind.BUCKET]
        if added:
            yield Difference("new", f"New: {_named(added)}.", tuple(node.id for node in added))


def _ids(nodes: list[GraphNode]) -> frozenset[int]:
    return frozenset(node.id for node in nodes)


def _named(nodes: list[GraphNode]) -> str:
    """ "y, z and 3 more"."""
    names = [f"{node.title} (line {node.line})" for node in nodes[:_NAMED]]
    if len(nodes) > _NAMED:
        return ", ".join(names) + f" and {len(nodes) - _NAMED} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _gets_gradient(run: RecordedRun, leaf: GraphNode) -> bool:
    return run.trace.bucket_of.get(leaf.id) in run.trace.fired


def _counts(run: RecordedRun, node: GraphNode) -> tuple[int, int]:
    """How often a node's tensor was made, and how often the last one was written."""
    rows = run.trace.made[node.id]
    writes = run.trace.event(int(rows[-1])).writes
    return len(rows), len(run.trace.writes(writes[0].location)) if writes else 0


def _last_value(run: RecordedRun, node: GraphNode, turns: int | None = None, writes: int | None = None) -> Picture | None:
    """What a node's tensor held last; or after so many times that it was made, and written."""
    rows = run.trace.made[node.id][:turns]
    event = run.trace.event(int(rows[-1]))
    if not event.writes:
        return None
    location = event.writes[0].location
    at = run.trace.writes(location)[:writes][-1]
    return run.trace.picture(run.trace.value_at(location, at))


def _grad_rows(run: RecordedRun, node: GraphNode) -> Ints:
    bucket = run.trace.bucket_of.get(node.id, -2)
    rows: Ints = np.flatnonzero((run.columns.site == bucket) & (run.columns.kind == int(Kind.ACCUMULATE)))
    return rows


def _last_grad(run: RecordedRun, node: GraphNode, passes: int | None = None) -> Picture | None:
    """The last `.grad` that the leaf had that was not emptied (or that of a pass): after a closing zero_grad the comparison would
    see nothing.
    """
    rows = _grad_rows(run, node)[:passes]
    return run.trace.picture(run.trace.event(int(rows[-1])).writes[0].value) if len(rows) else None


def _same(a: Picture | None, b: Picture | None) -> bool:
    """Equal to the last bit where the numbers are there, else in all that is known."""
    if a is None or b is None:
        return a is b
    if a.array is None or b.array is None:
        return a.stats == b.stats or repr(a.stats) == repr(b.stats)
    left: Any = a.array
    right: Any = b.array
    return left.shape == right.shape and bool(np.array_equal(left, right, equal_nan=left.dtype.kind in "fc" and right.dtype.kind in "fc"))
