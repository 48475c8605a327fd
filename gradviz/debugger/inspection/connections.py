"""What is connected with what in a graph, laid out once for many questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ..scene import Graph, GraphEdge, GraphNode, NodeKind


class Connections:
    """The ways through a graph; what only lands in a bucket, a leaf's `.grad`, is none of them.

    Attributes:
        into: the edges into each node.
        out_of: the edges out of each node.
        place: where each node stands in the order of first execution.
        roots: the losses, in that order.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: dict[int, GraphNode] = {node.id: node for node in graph.nodes}
        self.place = {node.id: place for place, node in enumerate(graph.nodes)}
        self.roots = [node.id for node in graph.nodes if node.kind == NodeKind.LOSS]
        self.into: defaultdict[int, list[GraphEdge]] = defaultdict(list)
        self.out_of: defaultdict[int, list[GraphEdge]] = defaultdict(list)
        for edge in graph.edges:
            if edge.kind != "bucket":
                self.into[edge.target].append(edge)
                self.out_of[edge.source].append(edge)

    def below(self, node: int) -> set[int]:
        """What is computed from a node."""
        return _met(node, lambda at: [edge.target for edge in self.out_of.get(at, ())])

    def above(self, node: int) -> set[int]:
        """What a node is computed from."""
        return _met(node, lambda at: [edge.source for edge in self.into.get(at, ())])

    def within(self, nodes: set[int]) -> dict[int, list[GraphEdge]]:
        """The edges into each node, inside `nodes`."""
        found = {node: [edge for edge in self.into.get(node, ()) if edge.source in nodes] for node in nodes}
        return {node: edges for node, edges in found.items() if edges}


def _met(start: int, following: Callable[[int], list[int]]) -> set[int]:
    seen = {start}
    waiting = [start]
    while waiting:
        for node in following(waiting.pop()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen - {start}
