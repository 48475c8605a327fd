"""The course of a backward pass: a graph of the same form as one before fires in the same order, without asking which node is next.

In a training loop each step builds the same graph. After a few passes from a root of the same kind the order in which its nodes
fired is compiled into one function: first it walks the graph and makes sure that it has this form and that nothing hangs on a node
(hooks, retained gradients); then it fires node after node. Whatever differs leaves the pass to `backward.backward_steps`, which is
the algorithm; a course only unrolls it.

That the order is the same follows from the form: of the nodes that are ready the one made last fires first, and what an op reads
was made before it, so that the nodes fire by falling sequence number; leaves come as they arrive.

Hot path: a node of a repeated pass (benchmark rows `engine/W1`, `engine/W2`, `engine/W4`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .cotangents import added
from .firing import accumulate, gradients, quick_of
from .node import AccumulateGrad, Node
from .saved import NOT_SAVED, is_freed

Array = np.ndarray[Any, Any]

FIRST = 4  # passes that begin alike before a course is made
LONGEST = 2_000  # nodes
_PER_PASS = 16  # a course of many nodes waits for one more pass for each so many of them: compiling it costs as much as some passes
_KEPT = 4  # courses of passes that begin alike


class Stop(NamedTuple):
    """A node as a course knows it.

    Attributes:
        kind: its class, one for each op.
        edges: where its edges lead, as places in the course.
        numbers: its `edge_nrs`.
        outs: how many outputs it has where there are several, else 0.
        pull: what gives the gradients of its inputs; None for a leaf.
        short: the pull gives one gradient for each edge.
    """

    kind: type[Node]
    edges: tuple[int | None, ...]
    numbers: tuple[int, ...] | None
    outs: int
    pull: Callable[[Node, Any], Sequence[Any]] | None
    short: bool

    @property
    def leaf(self) -> bool:
        return self.pull is None


def form(order: Sequence[Node]) -> list[Stop] | None:
    """The form of the graph whose nodes fired in this order; None where it does not tell in which order the next one will."""
    inner = [node for node in order if type(node) is not AccumulateGrad]
    if not inner or len(order) > LONGEST or order[0] is not inner[0] or order[0].outs is not None:
        return None
    if any(node.of_script or node.attached is not None for node in order) or any(
        a.sequence_nr <= b.sequence_nr for a, b in pairwise(inner)
    ):
        return None
    place = {node: k for k, node in enumerate(order)}
    if any(edge is not None and edge not in place for node in inner for edge in node.edges):
        return None
    return [_stop(node, place) for node in order]


def _stop(node: Node, place: dict[Node, int]) -> Stop:
    edges = tuple(None if edge is None else place[edge] for edge in node.edges)
    if type(node) is AccumulateGrad:
        return Stop(type(node), (), None, 0, None, True)
    quick = quick_of(node)
    return Stop(type(node), edges, node.edge_nrs, len(node.outs or ()), quick or _fired, quick is not None)


def _fired(node: Node, cotangent: Any) -> Sequence[Any]:
    return gradients(node, cotangent, False)


def walked(stops: Sequence[Stop]) -> list[str]:
    """Source that names the nodes n0, n1, … from n0 on and returns False where the graph has another form; c0, c1, … are the classes."""
    met = {0}
    lines, leaves = [" if n0.attached is not None or n0.outs is not None: return False"], []
    for k, stop in enumerate(stops):
        if stop.leaf:
            continue
        names, checks = [], []
        for at, edge in enumerate(stop.edges):
            if edge is None or edge in met:
                names.append(f"e{at}")
                checks.append(f"e{at} is not {'None' if edge is None else f'n{edge}'}")
                continue
            met.add(edge)
            names.append(f"n{edge}")
            outs = stops[edge].outs
            several = f"n{edge}.outs is None or len(n{edge}.outs) != {outs}" if outs else f"n{edge}.outs is not None"
            checks.append(f"n{edge}.__class__ is not c{edge} or n{edge}.attached is not None or {several}")
            if stops[edge].leaf:
                leaves.append(edge)
        if stop.kind.op.variadic or stop.kind.op.joint:  # a write through a view has the edges of what was written
            lines.append(f" if len(n{k}.edges) != {len(stop.edges)}: return False")
        if any(edge is not None and stops[edge].outs for edge in stop.edges):
            lines.append(f" if n{k}.edge_nrs != {stop.numbers!r}: return False")
        if names:
            lines.append(f" {', '.join(names)}, = n{k}.edges")
        lines += [f" if {check}: return False" for check in checks]
    inner = [f"n{k}.sequence_nr" for k, stop in enumerate(stops) if not stop.leaf]
    lines += [f" if not {' > '.join(inner[at : at + 50])}: return False" for at in range(0, len(inner) - 1, 49)]
    for k in leaves:
        lines += [f" l{k} = n{k}._variable()", f" if l{k} is not None and l{k}._post_accumulate_hooks: return False"]
    if len(leaves) > 1:
        lines.append(f" if len({{{', '.join(f'n{k}' for k in leaves)}}}) != {len(leaves)}: return False")
    return lines


def compiled(lines: Sequence[str], stops: Sequence[Stop], **names: Any) -> Callable[..., bool]:
    """The function `run` of that source, with the classes as c0, c1, … and the pulls as p0, p1, …."""
    for k, stop in enumerate(stops):
        names[f"c{k}"], names[f"p{k}"] = stop.kind, stop.pull
    exec(compile("\n".join(lines), f"{__file__}:course", "exec"), names)  # the name keeps the frame out of the tracebacks of scripts
    run: Callable[..., bool] = names["run"]
    return run


def course(stops: Sequence[Stop]) -> Callable[[Node, Array, bool], bool]:
    """(root, cotangent, retain) -> whether the graph had this form; then the pass has run."""
    lines = ["def run(n0, g0, retain):", *walked(stops)]
    lines += [f" l{k} = None" for k, stop in enumerate(stops) if stop.leaf]
    reached = {0}
    for k, stop in enumerate(stops):
        if stop.leaf:
            lines += [f" if g{k} is not None: accumulate(n{k}, g{k}, False)", f" g{k} = None"]
            continue
        targets, sums, first = [], [], []
        for at, edge in enumerate(stop.edges):
            if edge is None:
                targets.append("_")
                continue
            new, outs = edge not in reached, stops[edge].outs
            reached.add(edge)
            if new:
                first.append(f"g{edge}")
            if outs:
                nr = 0 if stop.numbers is None else stop.numbers[at]
                sums.append(f"  g{edge} = put({None if new else f'g{edge}'}, {nr}, t{at}, {outs}); t{at} = None")
            elif not new:
                sums.append(f"  if t{at} is not None: g{edge} = t{at} if g{edge} is None else added(g{edge}, t{at}); t{at} = None")
            targets.append(f"g{edge}" if new and not outs else f"t{at}")
        lines.append(f" if g{k} is not None:")
        if stop.short:
            lines.append(f"  {', '.join(targets)}, = p{k}(n{k}, g{k})" if targets else f"  p{k}(n{k}, g{k})")
        else:
            lines += [f"  r = p{k}(n{k}, g{k})", *(f"  {name} = r[{at}]" for at, name in enumerate(targets) if name != "_"), "  r = None"]
        lines += [*freed(stop.kind, k), f"  g{k} = None", *sums]
        if first:
            lines.append(f" else: {' = '.join(first)} = None")
    lines.append(" return True")
    return compiled(lines, stops, accumulate=accumulate, added=added, NONE=NOT_SAVED, is_freed=is_freed, put=put)


def put(row: list[Any] | None, nr: int, g: Any, outs: int) -> list[Any] | None:
    """A gradient comes to output `nr` of a node that has `outs` of them."""
    if g is None:
        return row
    if row is None:
        row = [None] * outs
    row[nr] = g if row[nr] is None else added(row[nr], g)
    return row


def freed(kind: type[Node], k: int) -> list[str]:
    """Source: what node k saved is let go of, as in `backward_steps`."""
    op = kind.op
    if not (op.saves or op.saves_all or op.frees or op.joint):
        return []
    quick = "s[-1] is not NONE or s[0] is not NONE or " if op.shown is None else ""
    lines = ["  if not retain:", f"   s = n{k}.saved", "   if s:", f"    if {quick}is_freed(n{k}): n{k}.saved = None", "   s = None"]
    if op.frees:
        lines.insert(4, f"   elif is_freed(n{k}): n{k}.saved = None")
    return lines


class _Known:
    """The courses of passes that begin alike, the one that fitted last first.

    Attributes:
        missed: passes in a row that none of them fitted.
        wait: so many of these until one more is made; longer each time that one is given up for another.
    """

    __slots__ = ("missed", "runs", "wait")

    def __init__(self) -> None:
        self.runs: list[Callable[[Node, Array, bool], bool]] = []
        self.missed, self.wait = 0, FIRST


KNOWN: dict[tuple[type, ...], _Known] = {}


def _key(root: Node) -> tuple[type, ...]:
    return (type(root), *[type(edge) for edge in root.edges])


def followed(root: Node, cotangent: Any, retain: bool) -> bool:
    """Whether the course of the pass from `root` is known; then it has run."""
    known = KNOWN.get(_key(root))
    if known is None:
        return False
    for k, run in enumerate(known.runs):
        if run(root, cotangent, retain):
            if k:
                known.runs.insert(0, known.runs.pop(k))
            known.missed = 0
            return True
    return False


def learn(order: Sequence[Node]) -> None:
    """A pass whose course was not known came this way."""
    known = KNOWN.setdefault(_key(order[0]), _Known())
    known.missed += 1
    if known.missed < known.wait + len(order) // _PER_PASS:
        return
    known.missed = 0
    stops = form(order)
    if stops is None:
        known.wait *= 2
        return
    if len(known.runs) == _KEPT:
        known.runs.pop()
        known.wait *= 2
    known.runs.insert(0, course(stops))
