"""What is on the canvas, in words: for tooltips and screen readers."""

from __future__ import annotations

from gradviz.debugger.scene import GraphNode, NodeState, Status

_STATES = {
    Status.UNBORN: "not computed yet in this step",
    Status.COMPUTED: "computed",
    Status.WAITING: "waits for the rest of its gradient",
    Status.READY: "its gradient is complete",
    Status.FIRED: "backward has passed it",
    Status.FREED: "backward has passed it and let go of what was saved for it",
}


def of_node(node: GraphNode, state: NodeState | None) -> str:
    """What a card stands for, and how far it is at a moment."""
    words = [f"{node.title}: {node.op}", node.grad_fn or "no grad_fn", f"shape {tuple(node.shape)}", node.dtype]
    if node.line:
        words.append(f"line {node.line}")
    if node.outputs:
        words.append(f"results {', '.join(node.outputs)}")
    words.append(_STATES[state.status if state is not None else Status.UNBORN])
    if node.module:
        under = f"with {node.stands_for} more cards under it" if node.stands_for else "its parameters lie under another call"
        words.append(f"{under} (double-click opens it)")
    return ", ".join(words)


def of_port(node: GraphNode, output: int) -> str:
    """Which of the results of a node leaves it at a port."""
    return f"{node.outputs[output]}: result {output + 1} of {len(node.outputs)} of {node.op} (a click shows it)"
