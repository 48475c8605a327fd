"""Why a leaf gets no gradient: where the way back from a root stops, and what cut it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...recording.event import Kind
from ..scene import Graph, GraphEdge, GraphNode, NodeKind
from ..trace.custom_functions import inside
from .connections import Connections

if TYPE_CHECKING:
    from ..trace.trace import Trace

_WITH_GRADIENT = ("float", "complex", "bfloat")
_PLACES = re.compile(r"\b(argsort|searchsorted|bucketize|argwhere|nonzero)\(")


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a leaf gets no gradient from a root.

    Attributes:
        reason: "reached" (it does get one), "flag", "no_grad", "inference_mode", "detach", "function", "dtype", "not differentiable",
            "rebound", "not connected" or "no backward".
        edge: where the gradient stops, None where no edge is to blame.
        node: the node to show: the one that cuts, or the leaf itself.
        line: the line that is to blame: where the flag is set, where the mode begins, where it is cut.
    """

    reason: str
    sentence: str
    node: int
    edge: GraphEdge | None = None
    line: int = 0


def why_not(trace: Trace, connections: Connections, leaf: int, root: int | None = None) -> WhyNot:
    """Why `leaf` gets no gradient from `root` (the last root of a backward pass, or the last node made from the leaf)."""
    nodes = connections.nodes
    below = connections.below(leaf)
    if root is None:
        root = _default_root(connections, leaf, below)
    name, dtype = nodes[leaf].title, nodes[leaf].dtype
    if dtype and not dtype.startswith(_WITH_GRADIENT):
        return WhyNot("dtype", f"{name} gets no gradient: its dtype is {dtype}, and only floating point numbers have gradients.", leaf)
    if root is None:
        return WhyNot("no backward", f"{name} gets no gradient: nothing was computed from it.", leaf)
    above = connections.above(root)
    if root not in below:
        return _not_connected(trace, nodes, above, below, leaf, root)
    ways = connections.within((below & above) | {leaf, root})
    cut = first_cut(ways, leaf, root)
    through = cut is None or leaf in _walk(ways, root, lambda edge: edge.kind != "cut")
    if (through or nodes[leaf].kind == NodeKind.LEAF) and not requires_grad_now(trace, leaf):
        line = _flag_line(trace, leaf, nodes[leaf].line)
        return WhyNot("flag", f"{name} gets no gradient: its requires_grad is False (line {line}).", leaf, None, line)
    if cut is None:
        return WhyNot("reached", f"{name} is reached from {nodes[root].title}: every step on the way is recorded.", leaf)
    return _cut_by(trace, connections.graph, nodes, name, cut)


def _flag_line(trace: Trace, leaf: int, made: int) -> int:
    """Where the flag of a leaf was set last, else where the leaf was made."""
    event = trace.event(int(trace.made[leaf][-1]))
    row = (
        trace.last_write(trace.location("flag", trace.tensor_of(event.writes[0].location)), trace.columns.length - 1)
        if event.writes
        else None
    )
    return trace.event(row).line if row is not None else made


def first_cut(into: dict[int, list[GraphEdge]], leaf: int, root: int) -> GraphEdge | None:
    """The cut edge that is met first on the way back from `root` to `leaf`, if it parts the way wholly.

    Where another way round it is recorded from end to end, the gradient does not stop. Of several cuts it is the one that each way
    leads over: a detach() beside the way was not the reason. Where each way has a cut of its own, it is the first of them.
    """
    if leaf in _walk(into, root, lambda edge: edge.kind == "grad"):
        return None
    cuts = [edge for node in _walk(into, root, lambda _: True) for edge in into.get(node, ()) if edge.kind == "cut"]
    if len(cuts) < 2:
        return cuts[0] if cuts else None
    import networkx as nx

    back: Any = nx.DiGraph()
    for edge in (edge for found in into.values() for edge in found):
        back.add_edge(edge.target, edge)  # an edge is a stop of the way, so that it can be one that no way leads round
        back.add_edge(edge, edge.source)
    above = nx.immediate_dominators(back, root)
    needed: set[Any] = set()
    stop: Any = leaf
    while stop is not None and stop != root and stop not in needed:
        needed.add(stop)
        stop = above.get(stop)
    return next((edge for edge in cuts if edge in needed), cuts[0])


def _walk(into: dict[int, list[GraphEdge]], root: int, follow: Any) -> list[int]:
    """The nodes met going back from `root` along the edges that `follow` accepts, nearest first."""
    order = [root]
    seen = {root}
    for node in order:
        for edge in into.get(node, ()):
            if edge.source not in seen and follow(edge):
                seen.add(edge.source)
                order.append(edge.source)
    return order


def requires_grad_now(trace: Trace, leaf: int) -> bool:
    """Whether the leaf's latest tensor requires grad at the end of the recording."""
    event = trace.event(int(trace.made[leaf][-1]))
    return bool(event.writes) and trace.requires_grad(event.writes[0].location, trace.columns.length - 1)


def _default_root(connections: Connections, leaf: int, below: set[int]) -> int | None:
    """The last root computed from the leaf; else the first root after it, the one that its gradient was missed in."""
    place = connections.place
    connected = [root for root in connections.roots if root in below]
    if connected:
        return connected[-1]
    later = next((root for root in connections.roots if place[root] > place[leaf]), None)
    return later if later is not None else max(below, key=place.__getitem__, default=None)


_TAKEN_OUT = re.compile(r"\.(?:item|numpy|tolist)\(\)|\b(?:float|int)\(")
_WRAPPED = re.compile(r"\btorch\.tensor\(")


def _not_connected(trace: Trace, nodes: dict[int, GraphNode], above: set[int], below: set[int], leaf: int, root: int) -> WhyNot:
    name, target = nodes[leaf].title, nodes[root].title
    lines = trace.recording.source.splitlines()
    computed = {name, *(nodes[node].title for node in below)}  # the leaf, and what was computed from it
    for made in sorted(above - {leaf}):
        line = nodes[made].line
        text = lines[line - 1] if nodes[made].is_leaf and 0 < line <= len(lines) else ""
        value = text.partition("=")[2] or text
        taken = _TAKEN_OUT.search(value) or _WRAPPED.search(value)
        read = next((word for word in re.findall(r"[A-Za-z_][\w.]*?(?=\W|$)", value) if word in computed), "")
        if taken is not None and read:
            what, whose = taken[0].strip(".()"), f"the graph of {name}" if read == name else f"the graph in which {read} comes from {name}"
            return WhyNot(
                "not connected",
                f"{name} gets no gradient: {target} was computed from {nodes[made].title}, a new tensor of plain numbers that "
                f"{what}() in line {line} took out of {whose}.", made, None, line,
            )  # fmt: skip
    named = trace.recording.sites[leaf].name  # all that have no name are called "tensor"
    twin = next((nodes[i] for i in above if i != leaf and named and nodes[i].title == name), None)
    if twin is not None:
        text = f"{name} of line {nodes[leaf].line} gets no gradient: {target} was computed from the {name} made in line {twin.line}."
        return WhyNot("rebound", text, twin.id)
    number = taken_as_a_number(trace.recording.source, name) if not below else 0
    hint = f" Line {number} takes its number out of the graph." if number else ""
    return WhyNot("not connected", f"{name} gets no gradient: {target} was not computed from it.{hint}", leaf, None, number)


def taken_as_a_number(source: str, name: str) -> int:
    """The line that computes with a parameter as a plain number, int(scale) or scale.item(), 0 where there is none.

    One that only prints it takes nothing out.
    """
    word = re.escape(name.rsplit(".", 1)[-1])
    taking = re.compile(
        rf"(?:(?<![\w.])(?:int|float|round|bool)\(\s*(?:[\w.]+\.)?{word}\s*\)|(?<!\w){word}(?:\.detach\(\)|\.data)?\.(?:item|tolist|numpy)\()"
    )
    lines = source.splitlines()
    return next((k for k, text in enumerate(lines, 1) if taking.search(text) and "print(" not in text and "append(" not in text), 0)


def _cut_by(trace: Trace, graph: Graph, nodes: dict[int, GraphNode], name: str, cut: GraphEdge) -> WhyNot:
    target = nodes[cut.target]
    reason, why = cut_reason(trace, graph, target)
    frame = graph.frames[target.frame] if target.frame >= 0 else None
    line = frame.line if frame is not None and frame.line and not trace.event(int(trace.made[target.id][0])).grad_mode else target.line
    line = decorator(trace.recording.source, target.line) or line if reason in ("no_grad", "inference_mode") else line
    if reason in ("no_grad", "inference_mode") and line and line != target.line:
        why = f"{why} (line {line})"
    sentence = f"{name} gets no gradient: the way back stops before {target.title} (line {target.line}), {why}."
    return WhyNot(reason, sentence, target.id, cut, line)


def decorator(source: str, line: int) -> int:
    """The line of the `@torch.no_grad()` that stands over the function around a line, 0 for none."""
    lines = source.splitlines()
    defined = next((k for k in range(min(line, len(lines)) - 1, -1, -1) if lines[k].lstrip().startswith("def ")), -1)
    for k in range(defined - 1, -1, -1):
        if not lines[k].lstrip().startswith("@"):
            return 0
        if "no_grad" in lines[k] or "inference_mode" in lines[k]:
            return k + 1
    return 0


def cut_reason(trace: Trace, graph: Graph, target: GraphNode) -> tuple[str, str]:
    """(reason, words) why no gradient goes through a node that was made from tracked tensors."""
    event = trace.event(int(trace.made[target.id][0]))
    if event.kind == Kind.DETACH:
        lines = trace.recording.source.splitlines()
        text = lines[event.line - 1] if 0 < event.line <= len(lines) else ""
        sorted_by = _PLACES.search(text)
        if sorted_by is not None and "detach" not in text and ".data" not in text:
            return (
                "not differentiable",
                f"because {sorted_by[1]} gives places, which are whole numbers, and only floating point numbers have gradients",
            )
        what = ".data" if ".data" in text and "detach" not in text else "detach()"
        return "detach", f"because {what} leaves the history behind"
    if not event.grad_mode:
        frame = graph.frames[target.frame] if target.frame >= 0 else None
        mode = frame.label if frame is not None else "no_grad"
        if frame is not None and mode == "set_grad_enabled":
            return mode, f"because set_grad_enabled(False) in line {frame.line} switched recording off"
        return mode, f"because it was computed inside {mode}"
    function = inside(trace, event)
    if function:
        return "function", f"because it was computed inside {function}: the node of the Function has the gradient"
    if target.dtype and not target.dtype.startswith(_WITH_GRADIENT):
        return "dtype", f"because its dtype is {target.dtype}, and only floating point numbers have gradients"
    return "not differentiable", f"because {target.op} is not differentiable"
