"""Passes: a backward pass inside a step that was foretold runs by its course, and what is to be gathered of it stands in the course.

First all gradients are computed, and only if each is there as foretold something is changed: then they are numbered, the leaves get
theirs, and what the nodes saved is let go of, in the order in which a pass does it. So a pass that does not fit leaves no trace,
and is run and told node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.graph.cotangents import added
from engine.graph.course import Stop, compiled, form, freed, walked
from engine.graph.firing import accumulate
from engine.graph.node import Node
from engine.graph.saved import NOT_SAVED, is_freed

from .learner import ACCUMULATE, DELIVER, END, RECENT, SEED, VJP, WHOLE
from .pattern import Expected

Run = Callable[[Node, Any, Any], bool]
_PER_TURN = 16  # as many nodes are compiled in the time of a turn


class Passes:
    """The passes of a pattern, by the place of what they begin with among its events."""

    def __init__(self, expected: Sequence[Expected]) -> None:
        self._expected = expected
        self._known: dict[int, Run | None] = {}
        self._met: dict[int, int] = {}

    def known(self, at: int, root: Node, calls: int, tensors: int, retain: bool) -> Run | None:
        """The course of the pass whose first event is at `at`; None where there is none, or not yet.

        Args:
            calls, tensors: the first call and tensor of the step.
        """
        if at in self._known:
            return self._known[at]
        met = self._met[at] = self._met.get(at, 0) + 1
        end = next((k for k in range(at, len(self._expected)) if self._expected[k][0] is END), at)
        if met > 1 + (end - at) // _PER_TURN:
            self._known[at] = _run(self._expected, at, end, root, calls, tensors, retain)
        return self._known.get(at)


def _run(expected: Sequence[Expected], at: int, end: int, root: Node, calls: int, tensors: int, retain: bool) -> Run | None:
    events = list(enumerate(expected[at:end], at))
    fired = [e for _, e in events if e[0] is VJP or e[0] is ACCUMULATE]
    nodes = _by_call(root, calls)
    order = [nodes[e[2]] for e in fired if e[2] in nodes]
    if not events or events[0][1][0] is not SEED or any(e[0] not in (VJP, ACCUMULATE, DELIVER) for _, e in events[1:]):
        return None
    if len(order) != len(fired) or len(order) != len({id(node) for node in nodes.values()}):
        return None
    stops = form(order)
    grown = _grown(expected, [(node, e) for node, e in zip(order, fired, strict=True) if e[0] is ACCUMULATE], tensors)
    return None if stops is None or grown is None else _Source(stops, events, end, grown, retain).run()


def _grown(expected: Sequence[Expected], leaves: Sequence[tuple[Any, Expected]], tensors: int) -> dict[int, int] | None:
    """By the call of a leaf whose `.grad` is there and grows: the tensor that this is, as an op has it.

    None where it may be one of those that the step computes with: the pass would read some of it after it has grown.
    """
    read = {
        wanted if wanted.__class__ is int else wanted[0]
        for e in expected
        if e[0].__class__ is not int and e[0]
        for wanted in e[3].ins
        if wanted is not None
    }
    found = {}
    for node, (_, _, call, _, first, new, *_) in leaves:
        leaf = node._variable()
        grad = None if leaf is None else leaf._grad
        if first and new:
            continue
        if first or new or grad is None or grad._mark is None or any(e[0] is WHOLE for e in expected):
            return None
        number = grad._mark[0]
        if ~number in read or number - tensors in read:
            return None
        found[call] = number - tensors if number >= tensors + RECENT else ~number
    return found


def _by_call(root: Node, base: int) -> dict[int, Node]:
    """The nodes below a root by their calls, as an event has them: from the first call of the step on, or ~call."""
    found: dict[int, Node] = {}
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        if node._mark is not None:
            call = node._mark[0]
            found[call - base if call >= base else ~call] = node
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                stack.append(edge)
    return found if len(found) == len(seen) else {}


class _Source:
    """Writes the course of one pass.

    Args:
        events: from the seed to the last before the end, each with its place.
        grown: see `_grown`.
    """

    def __init__(
        self, stops: Sequence[Stop], events: Sequence[tuple[int, Expected]], end: int, grown: dict[int, int], retain: bool
    ) -> None:
        self._stops, self._end, self._grown, self._retain = stops, end, grown, retain
        self._totals: dict[tuple[int, int], str] = {(0, 0): "g0"}  # node, output -> the name of what is there
        self._first: list[str] = []  # computes
        self._then: list[str] = [" gather(number(g0) if g0.ndim else lasting(g0))"]  # changes
        self._numbered: list[str] = []  # is numbered next
        self._asked: list[str] = []  # whether the nodes are those that were foretold
        self._fits = True
        self._events = list(events[1:])

    def run(self) -> Run | None:
        """The function: (root, cotangent, follower) -> whether the pass was as foretold; then it has run."""
        for k, stop in enumerate(self._stops):
            place, event = self._events.pop(0)
            if stop.leaf != (event[0] is ACCUMULATE):
                return None
            if stop.leaf:
                self._leaf(k, place, event)
            else:
                self._fire(k, stop, event)
        if self._events or not self._fits:
            return None
        self._number()
        lines = [
            "def run(n0, g0, me):",
            *walked(self._stops),
            " call, tensor = me._call, me._tensor",
            *self._asked,
            " try:",
            *self._first,
            " except Exception: return False",
            " gather, gathered, left, values = me._gather, me._gathered.extend, me._left.__setstate__, me._values",
            " number, many, lasting = values.number, values.many, values.lasting",
            *self._then,
            f" left({self._end})",
            " return True",
        ]
        return compiled(lines, self._stops, accumulate=accumulate, added=added, NONE=NOT_SAVED, is_freed=is_freed)

    def _number(self) -> None:
        if self._numbered:
            self._then.append(f" gathered(many(({', '.join(self._numbered)},)))")
            self._numbered = []

    def _is(self, owner: str, base: str, number: int) -> str:
        """Whether what has a mark is not the one of that number."""
        found = f"{owner}._mark[0] - {base} != {number}" if number >= 0 else f"~{owner}._mark[0] != {number}"
        return f"{owner}._mark is None or {found}"

    def _leaf(self, k: int, place: int, event: Expected) -> None:
        _, _, call, number, _, _, site, asked = event
        there = f"l{k}._grad is {'' if call in self._grown else 'not '}None"
        self._asked += [
            f" if {self._is(f'n{k}', 'call', call)}: return False",
            f" if l{k} is None or not l{k}._requires_grad or {there}: return False",
            f" if {self._is(f'l{k}', 'tensor', number)}: return False",
        ]
        if call in self._grown:
            self._asked.append(f" if {self._is(f'l{k}._grad', 'tensor', self._grown[call])}: return False")
        total = self._totals.get((k, 0))
        if total is None:
            self._fits = False
            return
        self._number()
        if call in self._grown:
            self._then += [f" left({place})", f" accumulate(n{k}, {total}, False)"]
        else:
            self._then.append(f" me.landed(l{k}, {total}, {site}, {asked})")

    def _fire(self, k: int, stop: Stop, event: Expected) -> None:
        _, _, call, many, some, _, _, asked = event
        if stop.kind.op.scatters:  # what it gives may be rows of a table, which a recording has whole
            self._fits = False
            return
        self._asked.append(f" if {self._is(f'n{k}', 'call', call)}: return False")
        totals = [self._totals.get((k, nr), "None") for nr in range(stop.outs or 1)]
        given = f"[{', '.join(totals)}]" if stop.outs else totals[0]
        names = [f"r{k}_{at}" for at in range(many)]
        if stop.short and many == len(stop.edges):
            self._first.append(f"  {', '.join(names)}, = p{k}(n{k}, {given})" if names else f"  p{k}(n{k}, {given})")
        else:
            self._first += [
                f"  r = p{k}(n{k}, {given})",
                f"  if len(r) != {many}: return False",
                *(f"  {name} = r[{at}]" for at, name in enumerate(names)),
            ]
        checks = [f"{name} is{'' if at in some else ' not'} None" for at, name in enumerate(names)]
        if checks:
            self._first.append(f"  if {' or '.join(checks)}: return False")
        self._numbered += [totals[nr] for nr in asked] + [names[at] for at in some]
        if not self._retain:
            self._then += [line[2:] for line in freed(stop.kind, k)[1:]]
        for at, edge in enumerate(stop.edges):
            if edge is None or at not in some:
                continue
            key = (edge, 0 if stop.numbers is None or not self._stops[edge].outs else stop.numbers[at])
            before = self._totals.get(key)
            if before is None:
                self._totals[key] = names[at]
                continue
            total = self._totals[key] = f"s{k}_{at}"
            self._first.append(f"  {total} = added({before}, {names[at]})")
            event = self._events.pop(0)[1] if self._events else event
            if event[0] is not DELIVER or event[2]:
                self._fits = False
                return
            self._numbered.append(total)
