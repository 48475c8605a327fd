"""Folding: the cards of a module as one, so that a network is seen layer by layer.

A module is known by the names of its parameters ("blocks.0.up.weight"). Each of its calls is folded where one card can stand for it:
where one op reads all parameters, or all that goes out of it goes out of one op. The parameters lie under the first call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ...recording.event import Kind
from ..scene import LAYERS, Fold, Graph, GraphEdge, GraphFrame, NodeKind
from .graph import components

if TYPE_CHECKING:
    from ..trace.trace import Trace

_BOUND = 8  # names that are looked at for a parameter
_Edges = dict[int, list[int]]


def owners(trace: Trace, graph: Graph) -> dict[int, str]:
    """What the script calls the module that holds a parameter, where the parameter's name does not say it."""
    found: dict[int, str] = {}
    for node in graph.nodes:
        if node.kind != NodeKind.PARAMETER or "." in node.title:
            continue
        born = trace.event(trace.made[node.id][0])
        rows = trace.recording.reads_of(born.writes[0].location) if born.writes else ()
        for row in [int(row) for row in rows if trace.columns.kind[row] == Kind.BIND_NAME][:_BOUND]:
            owner = trace.event(row).detail.get("owner")
            if owner:
                found[node.id] = str(owner)
                break
    return found


def folds_of(graph: Graph, level: str, owned: Mapping[int, str]) -> tuple[Fold, ...]:
    """What can be folded: each layer by itself, or all layers of a module together ("blocks.0" holds "blocks.0.up").

    `owned`: what the script calls the modules that hold parameters (`owners`).
    """
    into, out = _neighbours(graph)
    layers = _layers(graph, owned, into, out)
    if level == LAYERS:
        return tuple(fold for calls in layers.values() for fold in calls)
    found: list[Fold] = []
    modules: dict[str, list[list[Fold]]] = {}
    for name, calls in layers.items():
        modules.setdefault(name.rpartition(".")[0] or name, []).append(calls)
    inside = {node: fold for calls in layers.values() for fold in calls for node in (fold.node, *fold.nodes)}
    for name, parts in modules.items():
        several = len(parts) > 1 and len({len(calls) for calls in parts}) == 1
        wholes = [_together(name, call, inside, into, out) for call in zip(*parts, strict=True)] if several else [None]
        found += [whole for whole in wholes if whole is not None] if None not in wholes else [fold for calls in parts for fold in calls]
    return tuple(found)


def folded(graph: Graph, folds: Collection[Fold]) -> Graph:
    """The graph with the folds drawn as one card each."""
    card = {node: fold.node for fold in folds for node in fold.nodes}
    if not card:
        return graph
    shown = {fold.node: fold for fold in folds}
    name = {node: fold.name for fold in folds for node in (fold.node, *fold.nodes)}
    drawn: dict[tuple[int, int, str], GraphEdge] = {}
    merged = []
    for edge in graph.edges:
        source, target = card.get(edge.source, edge.source), card.get(edge.target, edge.target)
        if source == target or (edge.source in card and name.get(target) == name[edge.source]):  # parameters that another call reads, too
            continue
        if source not in shown and target not in shown:
            drawn[source, target, str(edge.port)] = edge
            continue
        one = drawn.get((source, target, "fold"))
        if one is None:
            one = drawn[source, target, "fold"] = GraphEdge(source, target, edge.port, edge.kind)
        elif edge.kind == "grad" and one.kind != "grad":
            one = drawn[source, target, "fold"] = one._replace(kind="grad")
        merged.append(((edge.source, edge.target, edge.port), (one.source, one.target, one.port)))
    edges = tuple(drawn.values())
    order = [node.id for node in graph.nodes if node.id not in card]
    groups = components(order, edges)
    nodes = []
    for node in graph.nodes:
        fold = shown.get(node.id)
        if fold is not None:
            nodes.append(
                node._replace(
                    title=f"layer {fold.name}" if fold.name.isdigit() else fold.name,
                    module=fold.name,
                    stands_for=len(fold.nodes),
                    group=groups[node.id],
                    outputs=(),
                )
            )
        elif node.id not in card:
            nodes.append(node._replace(group=groups[node.id]))
    frames = tuple(
        GraphFrame(frame.label, tuple(dict.fromkeys(card.get(node, node) for node in frame.nodes)), frame.line) for frame in graph.frames
    )
    return Graph(tuple(nodes), edges, frames, tuple(folds), tuple(merged))


def _neighbours(graph: Graph) -> tuple[_Edges, _Edges]:
    """What each node reads, and who reads it; a leaf's bucket is neither."""
    into: _Edges = {node.id: [] for node in graph.nodes}
    out: _Edges = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        if edge.kind != "bucket" and edge.source in out and edge.target in into:
            into[edge.target].append(edge.source)
            out[edge.source].append(edge.target)
    return into, out


def _layers(graph: Graph, owned: Mapping[int, str], into: _Edges, out: _Edges) -> dict[str, list[Fold]]:
    """The calls of the modules that hold parameters themselves, by name."""
    held: dict[str, list[int]] = {}
    for node in graph.nodes:
        module, _, last = node.title.rpartition(".")
        module = module or owned.get(node.id, "")
        if node.kind == NodeKind.PARAMETER and module and last.isidentifier() and out[node.id]:
            held.setdefault(module, []).append(node.id)
    buckets = {edge.source: edge.target for edge in graph.edges if edge.kind == "bucket"}
    rank = {node.id: k for k, node in enumerate(graph.nodes)}
    tracked = {node.id for node in graph.nodes if node.requires_grad}
    found = {module: _calls(module, leaves, into, out, rank, tracked, buckets) for module, leaves in held.items()}
    standing = Counter(fold.node for calls in found.values() for fold in calls)  # two modules in one op: neither is it
    return {module: calls for module, calls in found.items() if calls and all(standing[fold.node] == 1 for fold in calls)}


def _calls(
    module: str, leaves: list[int], into: _Edges, out: _Edges, rank: dict[int, int], tracked: set[int], buckets: dict[int, int]
) -> list[Fold]:
    """Each call of a module that one op stands for; none where an op reads only a part of its parameters."""
    under: dict[int, set[int]] = {leaf: {leaf} for leaf in leaves}  # what is made of the parameters alone -> of which
    readers: dict[int, set[int]] = {}
    waiting = sorted({reader for leaf in leaves for reader in out[leaf]}, key=rank.__getitem__)
    while waiting:
        reader = waiting.pop(0)
        sources = into[reader]
        if all(source in under for source in sources):  # such as a weight that is transposed
            under[reader] = set().union(*(under[source] for source in sources))
            waiting += [one for one in out[reader] if one not in waiting]
            readers.pop(reader, None)
        else:
            readers[reader] = set().union(*(under[source] for source in sources if source in under))
    if not readers or any(read != set(leaves) for read in readers.values()):
        return []
    order = sorted(readers, key=lambda node: (node not in tracked, rank[node]))  # the parameters lie under a call that trains them
    home = order[0]
    mine: dict[int, list[int]] = {node: [] for node in order}
    for node in under:
        ends = _reached({node}, {one: out[one] for one in under}) & set(readers)
        mine[ends.pop() if len(ends) == 1 else home].append(node)
    mine[home] += [buckets[leaf] for leaf in leaves if leaf in buckets]
    return [Fold(module, node, tuple(sorted(mine[node]))) for node in sorted(order, key=rank.__getitem__)]


def _together(name: str, parts: Sequence[Fold], inside: dict[int, Fold], into: _Edges, out: _Edges) -> Fold | None:
    """The layers of a call and what runs between them as one; None where more than one op goes out, or something else runs inside."""
    own = {part.node for part in parts}
    between = (_reached(own, out) & _reached(own, into)) - own
    if any(node in inside for node in between):
        return None
    under = {node for part in parts for node in part.nodes}
    region = own | between | under
    exits = {node for node in own | between if any(reader not in region for reader in out[node])}
    if len(exits) != 1:
        return None
    (node,) = exits
    return Fold(name, node, tuple(sorted(region - {node})))


def _reached(start: set[int], ways: _Edges) -> set[int]:
    """All that one comes to from some nodes."""
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        for node in ways.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found
