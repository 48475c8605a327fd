"""NodeGraphQt, the peer of canvas and editor: a chain of nodes in a window of its own, where it is installed.

`pip install NodeGraphQt Qt.py` brings it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .taken import exposed


@dataclass(frozen=True, slots=True)
class Peer:
    """Its graph, what shows it, and its nodes in the order of the chain."""

    graph: Any
    viewer: Any
    nodes: list[Any]

    def repaint(self) -> None:
        """Paint all that is in sight."""
        self.viewer.viewport().repaint()


def chain(count: int) -> Peer | None:
    """So many nodes, each wired to the one before, all in sight; None where the peer is not installed."""
    try:
        from NodeGraphQt import BaseNode, NodeGraph
    except Exception:
        return None

    class Node(BaseNode):  # type: ignore[misc]
        __identifier__ = "bench"
        NODE_NAME = "node"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("in")
            self.add_output("out")

    graph = NodeGraph()
    graph.register_node(Node)
    nodes: list[Any] = []
    for k in range(count):
        node = graph.create_node("bench.Node", name=f"n{k}", pos=(k % 40 * 240, k // 40 * 160), push_undo=False)
        if nodes:
            nodes[-1].set_output(0, node.input(0))
        nodes.append(node)
    viewer = graph.viewer()
    viewer.resize(1280, 800)
    viewer.show()
    exposed()  # a widget that the window system has not shown yet would not paint
    graph.select_all()
    graph.fit_to_selection()
    graph.clear_selection()
    exposed()
    return Peer(graph, viewer, nodes)
