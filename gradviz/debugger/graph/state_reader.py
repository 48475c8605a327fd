"""The state of one node at a position, read off the rows of its site."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from ...recording.event import Kind
from ..scene import NodeState, Status

if TYPE_CHECKING:
    from ..trace.trace import Trace


class Firing(NamedTuple):
    """How far an op call or a bucket is in the pass that counts at a position."""

    status: Status
    cotangent: int = -1  # value id of the sum of what arrived, -1 for none
    arrived: int = 0
    expected: int = 0


_COMPUTED = Firing(Status.COMPUTED)


class StateReader:
    """Answers for single nodes; every answer costs a handful of bisections."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._columns = trace.columns

    def state(self, site: int, position: int) -> NodeState | None:
        """The state of a node after event `position`, None while it is UNBORN."""
        row = self.current_run(site, position)
        if row is None:
            return None
        role = self._trace.recording.sites[site].role
        if role == "leaf":
            return self._leaf(row, position)
        if role == "bucket":
            return self._bucket(site, row, position)
        return self._op(role, row, position)

    def current_run(self, site: int, position: int) -> int | None:
        """The event that made what the node shows, None before it and in a later step that has yet to run it again."""
        rows = self._trace.made[site]
        number = bisect_right(rows, position)
        if not number:
            return None
        row, step = rows[number - 1], self._columns.step
        # It runs again in a later step: till then it is a ghost. After its last run it stays as it is.
        if number < len(rows) and step[row] < step[position]:
            return None
        return row

    def _leaf(self, row: int, position: int) -> NodeState:
        trace = self._trace
        event = trace.event(row)
        val = event.writes[0].location
        tensor = trace.tensor_of(val)
        tracked = trace.requires_grad(val, position)
        return NodeState(
            status=Status.COMPUTED,
            value=trace.picture(trace.value_at(val, position)),
            grad=trace.picture(self.grad_of(tensor, position)),
            requires_grad=tracked,
            badges=("leaf", "requires_grad") if tracked else ("leaf",),
        )

    def grad_of(self, tensor: int, position: int) -> int:
        """The id of the tensor's `.grad`, -1 for None."""
        row = self.grad_write(tensor, position)
        return self._trace.event(row).writes[-1].value if row is not None else -1

    def grad_write(self, tensor: int, position: int) -> int | None:
        """The last event that changed the tensor's `.grad`; hooks see a gradient that passes, and leave `.grad` alone."""
        rows = self._trace.writes(self._trace.location("grad", tensor))
        for number in range(bisect_right(rows, position) - 1, -1, -1):
            row = rows[number]
            if self._columns.kind[row] != int(Kind.HOOK) or self._trace.event(row).detail.get("kind") == "retain_grad":
                return row
        return None

    def _bucket(self, site: int, row: int, position: int) -> NodeState:
        trace = self._trace
        tensor = trace.tensor_of(trace.event(row).writes[0].location)
        firing = self.bucket_firing(site, position)
        return NodeState(
            status=firing.status,
            grad=trace.picture(self.grad_of(tensor, position)),
            arrived=firing.arrived,
            expected=firing.expected,
        )

    def bucket_firing(self, site: int, position: int) -> Firing:
        """How far the AccumulateGrad is in the latest pass, until the step ends."""
        trace, pass_ = self._trace, int(self._columns.pass_[position])
        row = trace.bucket_call_row(site, pass_)
        if row is None or self._columns.step[row] != self._columns.step[position]:
            return _COMPUTED
        firing = self._arrivals(int(self._columns.call[row]), position, pass_)
        if self._columns.kind[row] == int(Kind.ACCUMULATE) and row <= position:
            return Firing(Status.FIRED, firing.cotangent, firing.arrived, firing.expected)
        return firing

    def _op(self, role: str, row: int, position: int) -> NodeState:
        trace = self._trace
        event = trace.event(row)
        if not event.writes:
            return NodeState(Status.COMPUTED)
        val = event.writes[0].location
        firing = self.firing(event.call, position) if event.call >= 0 else _COMPUTED
        tracked = trace.requires_grad(val, position)
        retained = self.grad_of(trace.tensor_of(val), position)
        badges = ["requires_grad"] if tracked else []
        if not event.grad_mode:
            badges.append("no_grad")
        if role == "detach":
            badges.append("detached")
        if retained >= 0 and trace.has_history(event):  # a write in no_grad leaves a leaf a leaf
            badges.append("retain_grad")
        badges += self._save_badges(event.call, position)
        return NodeState(
            status=firing.status,
            value=trace.picture(trace.value_at(val, position)),
            grad=trace.picture(firing.cotangent if len(event.writes) < 2 else self.cotangent(event.call, 0, position)),
            requires_grad=tracked,
            arrived=firing.arrived,
            expected=firing.expected,
            badges=tuple(badges),
        )

    def firing(self, call: int, position: int) -> Firing:
        """How far an op call is in the pass at `position`, or in the last pass that reached it."""
        rows, passes = self._trace.rows_of_call(call), self._columns.pass_
        pass_ = self._pass_at(call, position)
        if pass_ is None:
            return _COMPUTED
        firing = self._arrivals(call, position, pass_)
        fired = rows.fires[: bisect_right(rows.fires, position)]
        if not fired or passes[fired[-1]] != pass_:
            return firing
        freed = any(fired[-1] < row <= position for row in rows.frees)
        return Firing(Status.FREED if freed else Status.FIRED, firing.cotangent, firing.arrived, firing.expected)

    def _pass_at(self, call: int, position: int) -> int | None:
        """The pass whose gradients a call shows: one that reaches it, now or later in it; else the last that did; None before any."""
        rows, passes = self._trace.rows_of_call(call), self._columns.pass_
        pass_ = int(passes[position])
        if not rows.arrivals or self._of_pass(rows.arrivals, pass_):
            return pass_ if rows.arrivals else None
        fired = bisect_right(rows.fires, position)
        return int(passes[rows.fires[fired - 1]]) if fired else None

    def cotangent_row(self, call: int, output: int, position: int) -> int | None:
        """The last event that put a cotangent on one output of a call, in the pass that `firing` tells of."""
        pass_ = self._pass_at(call, position) if call >= 0 else None
        if pass_ is None:
            return None
        rows = self._of_pass(self._trace.writes(self._trace.location("gin", call, output)), pass_)
        number = bisect_right(rows, position)
        return rows[number - 1] if number else None

    def cotangent(self, call: int, output: int, position: int) -> int:
        """The id of the sum of what arrived at one output of a call, -1 for none."""
        row = self.cotangent_row(call, output, position)
        return -1 if row is None else self._trace.value_at(self._trace.location("gin", call, output), row)

    def _arrivals(self, call: int, position: int, pass_: int) -> Firing:
        """What has come to a call in one pass."""
        trace, columns = self._trace, self._columns
        rows = self._of_pass(trace.rows_of_call(call).arrivals, pass_)
        here = rows[: bisect_right(rows, position)]
        if not here:
            return _COMPUTED
        latest = trace.event(here[-1])
        counted = next((row for row in reversed(here) if columns.kind[row] != int(Kind.HOOK)), here[-1])
        detail = trace.event(counted).detail
        # A seed does not say how many cotangents follow it.
        expected = int(detail.get("expected", 0)) or sum(columns.kind[row] == int(Kind.DELIVER) for row in rows)
        arrived = int(detail.get("arrived", 0))
        status = Status.READY if arrived >= expected else Status.WAITING
        return Firing(status, latest.writes[0].value if latest.writes else -1, arrived, int(expected))

    def _of_pass(self, rows: list[int], pass_: int) -> list[int]:
        """The rows of one pass; passes are numbered in the order of events, and a leaf has arrivals in each of thousands."""
        passes = self._columns.pass_
        first = bisect_left(rows, pass_, key=lambda row: int(passes[row]))
        last = bisect_right(rows, pass_, first, key=lambda row: int(passes[row]))
        return rows[first:last]

    def _save_badges(self, call: int, position: int) -> list[str]:
        """ "saved" while the call keeps values, "stale" where one was overwritten since, "freed" after it let go of them."""
        if call < 0:
            return []
        rows = self._trace.rows_of_call(call)
        saves = rows.saves[: bisect_right(rows.saves, position)]
        if not saves:
            return []
        if rows.frees and rows.frees[0] <= position:
            return ["freed"]
        return ["saved", "stale"] if any(self.is_stale(row, position) for row in saves) else ["saved"]

    def is_stale(self, save: int, position: int) -> bool:
        """Whether what a SAVE event kept has been overwritten since."""
        event = self._trace.event(save)
        if not event.reads:
            return False
        kept = event.reads[0]
        return self._trace.version_at(kept.location, position) > int(event.detail.get("version", kept.version))
