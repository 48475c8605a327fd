"""The graph at a moment in Graphviz' language (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from ..debugger.scene import Graph, GraphNode, Moment, NodeKind, NodeState
from ..debugger.words.captions import numbers

COLOURS = {
    NodeKind.LEAF: "#61708e", NodeKind.PARAMETER: "#6d28d9", NodeKind.OP: "#3a60ce", NodeKind.NO_GRAD: "#61708e",
    NodeKind.LOSS: "#8c6939", NodeKind.BUCKET: "#c2410c",
}  # fmt: skip
_EDGES = {
    "grad": "",
    "plain": " [style=dashed color=gray]",
    "cut": ' [style=dotted color="#a20007" label="cut"]',
    "bucket": ' [color="#c2410c"]',
}


def quoted(text: str) -> str:
    """A string of the language; line breaks stay."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def label(node: GraphNode, state: NodeState | None) -> str:
    """Title, grad_fn, shape and the numbers of the moment, a line each."""
    lines = [node.title, node.grad_fn or ("leaf" if node.is_leaf else node.op), f"{node.dtype} {node.shape}"]
    if state is not None and state.value is not None:
        lines.append(f"value {numbers(state.value)}")
    if state is not None and state.grad is not None:
        lines.append(f"gradient {numbers(state.grad)}")
    return "\n".join(lines)


def to_dot(graph: Graph, moment: Moment | None, direction: str = "LR") -> str:
    """The whole graph; no_grad blocks are clusters."""
    states = moment.states if moment is not None else {}
    lines = ["digraph gradviz {", f"  rankdir={direction};", '  node [shape=box style=rounded fontname="sans-serif"];']
    for node in graph.nodes:
        shape = " shape=cylinder" if node.kind == NodeKind.BUCKET else ""
        lines.append(f'  n{node.id} [label={quoted(label(node, states.get(node.id)))} color="{COLOURS[node.kind]}"{shape}];')
    for number, frame in enumerate(graph.frames):
        inside = " ".join(f"n{node};" for node in frame.nodes)
        lines.append(f"  subgraph cluster_{number} {{ label={quoted(f'{frame.label}, line {frame.line}')} style=dashed; {inside} }}")
    lines += [f"  n{edge.source} -> n{edge.target}{_EDGES.get(edge.kind, '')};" for edge in graph.edges]
    return "\n".join([*lines, "}", ""])
