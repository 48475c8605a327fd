"""All that is known of one node at a moment: what the inspector panel shows."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from ...recording.event import Event
from ..answers import Inspection, Kept, Output, Saved, Writer
from ..graph.state_reader import StateReader
from ..scene import Graph, GraphNode, Moment, NodeKind, NodeState, Status
from ..trace.custom_functions import inside
from ..trace.optimizer_slots import slots_at
from ..words.captions import caption
from ..words.names import output_names
from .why_no_gradient import cut_reason

if TYPE_CHECKING:
    from ..trace.trace import Trace

NOT_YET = "no gradient: no cotangent has arrived yet"


def inspect_node(trace: Trace, graph: Graph, moment: Moment, node_id: int) -> Inspection | None:
    """The inspection of a node at the moment; None for a node that the graph does not have."""
    node = graph.node(node_id)
    if node is None:
        return None
    reader = StateReader(trace)
    state = moment.states.get(node_id, NodeState())
    row = reader.current_run(node_id, moment.position) if moment.position >= 0 else None
    event = trace.event(row) if row is not None else None
    stats = state.value.stats if state.value is not None else None
    return Inspection(
        node=node_id,
        title=node.title,
        op=node.op,
        grad_fn=node.grad_fn,
        line=node.line,
        shape=stats.shape if stats else node.shape,
        dtype=stats.dtype if stats else node.dtype,
        flags=_flags(trace, node, state, event, moment.position),
        value=state.value,
        grad=state.grad,
        grad_label=_grad_label(trace, graph, node, state, event),
        value_writer=_value_writer(trace, event, moment.position),
        grad_writer=_grad_writer(trace, reader, node, event, moment.position),
        saved=_saved(trace, event, moment.position),
        inputs=tuple(dict.fromkeys(edge.source for edge in graph.edges if edge.target == node_id)),
        outputs=tuple(dict.fromkeys(edge.target for edge in graph.edges if edge.source == node_id)),
        kept=_kept(trace, node, event, moment.position),
        results=_results(trace, reader, node, event, moment.position),
    )


def _flags(trace: Trace, node: GraphNode, state: NodeState, event: Event | None, position: int) -> tuple[tuple[str, str], ...]:
    """PyTorch's own attributes, as `print` would show them."""
    if event is None or not event.writes:
        return ()
    if node.kind == NodeKind.BUCKET:
        return (("grad is None", str(state.grad is None)),)
    version = trace.version_at(event.writes[0].location, position)
    grad_fn = f"<{node.grad_fn}>" if state.requires_grad and not node.is_leaf and node.grad_fn else "None"
    return (
        ("is_leaf", str(node.is_leaf or not state.requires_grad)),
        ("requires_grad", str(state.requires_grad)),
        ("grad_fn", grad_fn),
        ("_version", str(version)),
        ("retains_grad", str("retain_grad" in state.badges)),
        ("made with grad mode", "on" if event.grad_mode else "off"),
    )


def _grad_label(trace: Trace, graph: Graph, node: GraphNode, state: NodeState, event: Event | None) -> str:
    """What the gradient shown is, or why there is none."""
    if event is None:
        return "no gradient: not computed yet in this step"
    if node.kind == NodeKind.BUCKET:
        return node.title if state.grad is not None else f"{node.title} is None"
    if node.is_leaf:
        if state.grad is not None:
            return f"{node.title}.grad"
        return f"{node.title}.grad is None" if state.requires_grad else "no gradient: requires_grad is False"
    if not state.requires_grad:
        stopped = any(edge.target == node.id and edge.kind == "cut" for edge in graph.edges) or inside(trace, event)
        return f"no gradient: {cut_reason(trace, graph, node)[1]}" if stopped else "no gradient: none of its inputs requires grad"
    if state.status in (Status.COMPUTED, Status.UNBORN):
        return NOT_YET
    arrived = f" ({state.arrived} of {state.expected} arrived)" if state.expected else " (the root of the backward pass)"
    return f"cotangent of {node.title}{arrived}"


def _value_writer(trace: Trace, event: Event | None, position: int) -> Writer | None:
    return who_wrote(trace, event.writes[0].location, position) if event is not None and event.writes else None


def _grad_writer(trace: Trace, reader: StateReader, node: GraphNode, event: Event | None, position: int) -> Writer | None:
    """Who wrote `.grad` of a leaf, or the cotangent of an op."""
    if event is None or not event.writes:
        return None
    if node.is_leaf or node.kind == NodeKind.BUCKET:
        row = reader.grad_write(trace.tensor_of(event.writes[0].location), position)
    elif event.call >= 0 and len(event.writes) < 2:
        arrivals = trace.rows_of_call(event.call).arrivals
        number = bisect_right(arrivals, position)
        row = arrivals[number - 1] if number else None
    else:
        row = reader.cotangent_row(event.call, 0, position)
    return _writer(trace, row)


def _writer(trace: Trace, row: int | None) -> Writer | None:
    """The sentence of an event that wrote something."""
    if row is None:
        return None
    event = trace.event(row)
    return Writer(row, caption(trace, event), event.line)


def _results(trace: Trace, reader: StateReader, node: GraphNode, event: Event | None, position: int) -> tuple[Output, ...]:
    """All that an op with several results made, each with its own gradient."""
    if event is None or node.kind == NodeKind.BUCKET:
        return ()
    fired = reader.firing(event.call, position).status >= Status.FIRED if event.call >= 0 else False
    found = []
    for number, (name, ref) in enumerate(zip(output_names(trace, event), event.writes, strict=False)):
        value = trace.picture(trace.value_at(ref.location, position))
        shape, dtype = trace.recording.form(ref.value) if ref.value >= 0 else ((), "")
        row = reader.cotangent_row(event.call, number, position)
        if row is not None:
            label = f"cotangent of {name}"
        elif not dtype.startswith(("float", "complex", "bfloat")):
            label = f"no gradient: {name} has no derivative, its numbers are {dtype}"
        elif not trace.requires_grad(ref.location, position):
            label = f"no gradient: {name} does not require grad"
        else:
            label = f"no gradient: none came to {name}, it counts as zeros" if fired else NOT_YET
        grad = trace.picture(reader.cotangent(event.call, number, position)) if row is not None else None
        written = who_wrote(trace, ref.location, position)
        found.append(Output(name, shape, dtype, value, grad, label, written, _writer(trace, row)))
    return tuple(found)


def _saved(trace: Trace, event: Event | None, position: int) -> tuple[Saved, ...]:
    """What the node's call keeps, or kept, for its vjp."""
    if event is None or event.call < 0:
        return ()
    rows = trace.rows_of_call(event.call)
    freed = bool(rows.frees) and rows.frees[0] <= position
    return tuple(_one_saved(trace, trace.event(row), freed, position) for row in rows.saves if row <= position)


def _one_saved(trace: Trace, save: Event, freed: bool, position: int) -> Saved:
    version = int(save.detail.get("version", 0))
    current = trace.version_at(save.reads[0].location, position) if save.reads else version
    value = save.writes[0].value if save.writes else -1
    return Saved(
        name=str(save.detail.get("name", "")),
        saved_version=version,
        current_version=max(current, version),
        freed=freed,
        picture=trace.picture(value),
        event=save.index,
    )


def _kept(trace: Trace, node: GraphNode, event: Event | None, position: int) -> tuple[Kept, ...]:
    """What an optimizer keeps for a parameter at the moment."""
    if event is None or not event.writes or not (node.is_leaf or node.kind == NodeKind.BUCKET):
        return ()
    found = []
    for slot in slots_at(trace, trace.tensor_of(event.writes[0].location), position):
        location = trace.location("val", slot.tensor)
        row = trace.last_write(location, position)
        written = row if row is not None else trace.next_write(location, position)
        sentence = caption(trace, trace.event(written)) if written is not None else ""
        name = node.title.removesuffix(".grad") if node.kind == NodeKind.BUCKET else node.title
        picture = trace.picture(trace.value_at(location, position))
        found.append(Kept(slot.key, slot.title(name), picture, -1 if written is None else written, sentence))
    return tuple(found)


def who_wrote(trace: Trace, location: int, at: int) -> Writer | None:
    """The last write of a location up to and with event `at`."""
    return _writer(trace, trace.last_write(location, at))
