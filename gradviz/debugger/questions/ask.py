"""Asks a question of a node at the session's moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Event, Kind
from ..alarms.values.nonfinite import FAR, origins
from ..alarms.values.numbers import firsts, masking, origin_told
from ..derivation.derivation import picture_of
from ..diagnosis.finding import source_line
from ..graph.state_reader import StateReader
from ..inspection.inspection import NOT_YET
from ..scene import GraphNode, NodeKind
from ..trace.optimizer_slots import Slot, slots_at
from ..words.captions import caption, numbers
from ..words.names import expression, name_of, part_name, read_name
from .answer import QUESTIONS, Answer, Part
from .provenance import STOOD, by_consumer, by_path
from .slices import Index, Mask, Step, parse_element, place_of, slice_back

if TYPE_CHECKING:
    from ..inspection.why_no_gradient import WhyNot
    from ..session import Session

_LISTED = 200  # events of an answer
_COUNTING = ("int", "uint", "bool")  # dtypes of indices, targets and masks
_TOLD = 6  # origins of a nan that its sentence names


def asked_of(session: Session, node_id: int) -> tuple[str, ...]:
    """The questions that make sense for a node at this moment."""
    node = session.graph().node(node_id)
    if node is None:
        return ()
    state = session.moment().states.get(node_id)
    value, grad = (state.value, state.grad) if state is not None else (None, None)
    bad = any(picture is not None and (picture.stats.nans or picture.stats.infs) for picture in (value, grad))
    fits = {
        "nan": bad, "parts": grad is not None, "paths": grad is not None, "why": value is not None and not node.is_leaf,
        "wrote": value is not None, "wrote_grad": grad is not None, "wrote_state": bool(_slots(session, node)), "read": value is not None,
        "why_not": grad is None and node.kind != NodeKind.BUCKET,
    }  # fmt: skip
    order = ("nan", *(name for name in QUESTIONS if name != "nan"))
    return tuple(name for name in order if fits[name])


def ask(session: Session, node_id: int, question: str, element: str = "") -> Answer:
    """The answer.

    Args:
        element: which element of the value, "" for all of it; only "why" reads it.

    Raises:
        ValueError: there is no such node or element, in words.
    """
    node = session.graph().node(node_id)
    if node is None:
        raise ValueError("This node is not in the graph.")
    asked: dict[str, Callable[[], Answer]] = {
        "parts": lambda: _parts(node, by_consumer(session, node.id), "parts", "nothing has arrived yet"),
        "paths": lambda: _by_path(session, node),
        "why": lambda: _why(session, node, element),
        "wrote": lambda: _wrote(session, node, "wrote"),
        "wrote_grad": lambda: _wrote(session, node, "wrote_grad"),
        "wrote_state": lambda: _wrote(session, node, "wrote_state"),
        "read": lambda: _read(session, node),
        "why_not": lambda: _why_not(session, node),
        "nan": lambda: _nan(session, node),
    }
    return asked[question]()


def _edges(nodes: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """A path of a gradient runs against the edges."""
    return tuple((b, a) for a, b in pairwise(nodes))


def _by_path(session: Session, node: GraphNode) -> Answer:
    parts, why = by_path(session, node.id)
    return _parts(node, parts, "paths", why)


def _parts(node: GraphNode, parts: tuple[Part, ...], question: str, why: str) -> Answer:
    name = node.title if node.kind == NodeKind.BUCKET else f"{node.title}.grad" if node.is_leaf else f"The gradient of {node.title}"
    if not parts:
        return Answer(question, f"{name} cannot be split: {why}.", (node.id,))
    total = np.sum([part.array for part in parts], axis=0)
    what = "path" if question == "paths" else "part"
    listed = " + ".join(numbers(picture_of(np.asarray(part.array))) for part in parts[:4]) + (" + …" if len(parts) > 4 else "")
    sentence = f"{name} is {numbers(picture_of(np.asarray(total)))}"
    stood = question == "paths" and parts[0].label == STOOD
    several = f"the sum of {len(parts)} {what}s" if not stood else f"what stood there before, and {_counted(len(parts) - 1, what)}"
    sentence += f": one {what}." if len(parts) == 1 else f" = {listed}: {several}."
    nodes = tuple(dict.fromkeys(n for part in parts for n in part.nodes))
    edges = tuple(dict.fromkeys(edge for part in parts for edge in _edges(part.nodes)))
    events = tuple((part.event, f"{part.label}: {numbers(picture_of(np.asarray(part.array)))}") for part in parts)
    return Answer(question, sentence, nodes, edges, events, parts)


def _counted(count: int, what: str) -> str:
    return f"one {what}" if count == 1 else f"{count} {what}s"


def _made(session: Session, node: GraphNode) -> Event | None:
    leaf = session.trace.leaf_of.get(node.id, node.id)
    row = StateReader(session.trace).current_run(leaf, session.position) if session.position >= 0 else None
    return session.trace.event(row) if row is not None else None


def _wrote(session: Session, node: GraphNode, question: str) -> Answer:
    trace, made = session.trace, _made(session, node)
    if made is None or not made.writes:
        return Answer(question, f"{node.title} was not computed yet.", (node.id,))
    tensor = trace.tensor_of(made.writes[0].location)
    if question == "wrote_state":
        rows = sorted({row for slot in _slots(session, node) for row in trace.writes(trace.location("val", slot.tensor))})
    elif question == "wrote":
        rows = trace.writes(made.writes[0].location)
    elif node.is_leaf or node.kind == NodeKind.BUCKET:
        rows = trace.writes(trace.location("grad", tensor))
    else:
        rows = trace.rows_of_call(made.call).arrivals if made.call >= 0 else []
    rows = [row for row in rows if not trace.event(row).detail.get("skipped")]  # an optimizer that leaves a parameter alone writes nothing
    before = [row for row in rows if row <= session.position]
    if not before:
        return Answer(question, f"Nothing has written it up to here ({len(rows)} later).", (node.id,), (), _listed(session, rows))
    last = trace.event(before[-1])
    again = f" It is written {len(rows)} times in the recording." if len(rows) > 1 else ""
    sentence = f"The last to write it was line {last.line}: {caption(trace, last)}.{again}".replace("..", ".")
    nodes = (node.id, last.site) if last.site >= 0 and last.site != node.id else (node.id,)
    return Answer(question, sentence, nodes, (), _listed(session, rows))


def _slots(session: Session, node: GraphNode) -> tuple[Slot, ...]:
    """What an optimizer keeps for a parameter."""
    made = _made(session, node) if node.is_leaf or node.kind == NodeKind.BUCKET else None
    if made is None or not made.writes:
        return ()
    return slots_at(session.trace, session.trace.tensor_of(made.writes[0].location), session.position)


def _listed(session: Session, rows: list[int]) -> tuple[tuple[int, str], ...]:
    trace = session.trace
    return tuple((row, f"line {trace.event(row).line}: {caption(trace, trace.event(row))}") for row in rows[:_LISTED])


def _read(session: Session, node: GraphNode) -> Answer:
    made = _made(session, node)
    if made is None or not made.writes:
        return Answer("read", f"{node.title} was not computed yet.", (node.id,))
    rows = session.recording.reads_of(made.writes[0].location)
    rows = rows[rows < session.length]
    kinds = session.columns.kind[rows]
    rows, kinds = rows[kinds != int(Kind.BIND_NAME)], kinds[kinds != int(Kind.BIND_NAME)]
    sites = tuple(site for site in dict.fromkeys(session.columns.site[rows].tolist()) if site >= 0)
    saves = int(np.count_nonzero(kinds == int(Kind.SAVE)))
    if not len(rows):
        return _handed_on(session, node, made)
    words = f"{len(rows)} events read it" if len(rows) != 1 else "One event reads it"
    kept = "" if not saves else "; it is kept for backward" if saves == 1 else f"; it is kept for backward {saves} times"
    sentence = f"{words}{kept}."
    joined = {edge.target for edge in session.graph().edges if edge.source == node.id}
    edges = tuple((node.id, site) for site in sites if site in joined)
    return Answer("read", sentence, (node.id, *sites), edges, _listed(session, rows[:_LISTED].tolist()))


def _handed_on(session: Session, node: GraphNode, made: Event) -> Answer:
    """Of what no op has for an input: an op whose line names it may take it for a setting, as indices and the targets of losses are."""
    shape, dtype = session.recording.form(made.writes[0].value) if made.writes[0].value >= 0 else ((), "")
    array, word = f"array of shape {list(shape)}", re.compile(rf"(?<![\w.]){re.escape(node.title)}(?!\w)")
    rows = []
    for site in session.recording.sites if dtype.startswith(_COUNTING) and node.title.isidentifier() else ():
        events = session.trace.made[site.index]
        later = int(np.searchsorted(events, made.index, side="right"))
        if later == len(events):
            continue
        event = session.trace.event(int(events[later]))
        given = str(list((event.detail.get("params") or {}).values()))
        if array in given and any(word.search(source_line(session, line)) for line in (site.line, *site.path)):
            rows.append(event.index)
    if not rows:
        return Answer("read", f"Nothing reads {node.title}.", (node.id,))
    site = session.recording.sites[session.trace.event(rows[0]).site]
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    sentence = f"{site.op} of line {site.line}{more} takes it for an index, a mask or a target: a setting, to which no gradient goes."
    return Answer("read", sentence, (node.id, *(session.trace.event(row).site for row in rows)), (), _listed(session, rows[:_LISTED]))


def _why(session: Session, node: GraphNode, element: str) -> Answer:
    trace, recording, made = session.trace, session.recording, _made(session, node)
    if made is None or not made.writes:
        return Answer("why", f"{node.title} was not computed yet.", (node.id,))
    result = recording.array(made.writes[0].value)
    shape = result.shape if result is not None else node.shape
    index = parse_element(element, shape)
    steps = slice_back(trace, made, index) if index is not None else []
    masks: tuple[Mask | None, ...] = steps[0].reads if steps else (None,) * len(made.reads)
    said = []
    for ref, mask in zip(made.reads, masks, strict=True):
        if mask is not None and not mask.any():
            continue  # a part of a cat that this element is not from
        name = read_name(trace, ref.location, made.index)
        text = _told(name, recording.array(ref.value) if ref.value >= 0 else None, mask)
        if text not in said:
            said.append(text)
    whole = "" if result is None else numbers(picture_of(np.asarray(result if index is None else result[index])))
    where = "" if index is None else _index_text(index)
    written = expression(trace, made)
    sentence = f"{node.title}{where} = {whole}: {written}" + (f" with {', '.join(said)}." if said else ".")
    if steps:
        return _element(session, node, sentence, steps)
    ancestors, edges = _ancestors(session, node.id)
    rows = {row for site in ancestors if (row := _written(session, site, made)) is not None}
    return Answer("why", sentence, (node.id, *ancestors), edges, _listed(session, sorted(rows, reverse=True)))


def _written(session: Session, site: int, by: Event) -> int | None:
    """What wrote the numbers of a node that an event was computed from.

    Of a leaf that may be the last step of an optimizer; where its `.grad` was read, what filled that.
    """
    trace = session.trace
    row = trace.latest_made(site, session.position)
    made = trace.event(row) if row is not None else None
    if made is None or made.kind != Kind.CREATE_LEAF or not made.writes:
        return row
    of_grad = next(
        (ref for ref in by.reads if ref.location != made.writes[0].location and trace.producer(ref.location, by.index) == site), None
    )
    tensor = trace.tensor_of(made.writes[0].location)
    rows = trace.writes(made.writes[0].location if of_grad is None else trace.location("grad", tensor))
    return next((row for row in reversed(rows) if row < by.index and not trace.event(row).detail.get("skipped")), None)


def _element(session: Session, node: GraphNode, sentence: str, steps: list[Step]) -> Answer:
    """The slice behind one element: only nodes that it goes through, and of each only what counts."""
    trace, recording = session.trace, session.recording
    nodes = tuple(dict.fromkeys(step.event.site for step in steps if step.event.site >= 0))
    edges = tuple((e.source, e.target) for e in session.graph().edges if e.kind != "bucket" and e.source in nodes and e.target in nodes)
    events = []
    for step in steps[1:]:
        ref = step.event.writes[step.output]
        name = part_name(trace, ref.location, session.length) if step.output else name_of(trace, step.event.site, step.event.index)
        events.append(
            (step.event.index, f"line {step.event.line}: {_told(name, recording.array(ref.value) if ref.value >= 0 else None, step.mask)}")
        )
    return Answer("why", sentence, tuple(dict.fromkeys((node.id, *nodes))), edges, tuple(events[:_LISTED]))


def _told(name: str, array: np.ndarray | None, mask: Mask | None) -> str:
    """ "x[1, :] = [3, 4]"; of elements that are no box how many they are."""
    if array is None:
        return f"{name} = not kept"
    place = place_of(mask) if mask is not None else None
    if mask is not None and place is None and not mask.all():
        return f"{int(mask.sum())} of the {mask.size} elements of {name}"
    return (
        f"{name}{'' if place is None else _index_text(place)} = {numbers(picture_of(np.asarray(array if place is None else array[place])))}"
    )


def _index_text(place: tuple[int | slice, ...] | Index) -> str:
    return "[" + ", ".join(_axis(k) for k in place) + "]" if place else ""


def _axis(k: int | slice) -> str:
    if not isinstance(k, slice):
        return str(k)
    return ":" if k.start is None else f"{k.start}:{k.stop}"


def _ancestors(session: Session, node: int) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    into: dict[int, list[int]] = {}
    for edge in session.graph().edges:
        if edge.kind != "bucket":
            into.setdefault(edge.target, []).append(edge.source)
    order, edges = [node], []
    for target in order:
        for source in into.get(target, ()):
            edges.append((source, target))
            if source not in order:
                order.append(source)
    return tuple(order[1:]), tuple(dict.fromkeys(edges))


def _why_not(session: Session, node: GraphNode) -> Answer:
    if not node.is_leaf:
        found = session.inspect(node.id)
        label = found.grad_label if found is not None else "no gradient"
        if label == NOT_YET and (row := session.trace.latest_made(node.id, session.position)) is not None:
            over = session.columns.kind[row : session.position + 1] == int(Kind.BACKWARD_END)
            if over.any() and (why := session.why_not(node.id)).reason != "reached":
                return _cut(session, node, why)
        return Answer("why_not", f"{node.title}: {label}.", (node.id,))
    return _cut(session, node, session.why_not(node.id))


def _cut(session: Session, node: GraphNode, why: WhyNot) -> Answer:
    edges = ((why.edge.source, why.edge.target),) if why.edge is not None else ()
    row = session.trace.latest_made(why.node, session.length)
    return Answer(
        "why_not", why.sentence, tuple(dict.fromkeys((node.id, why.node))), edges, _listed(session, [row] if row is not None else [])
    )


def _nan(session: Session, node: GraphNode) -> Answer:
    """Back along what is not finite, to all events that made it out of finite numbers: a tree where there are several."""
    trace, made = session.trace, _made(session, node)
    state = session.moment().states.get(node.id)
    start, writers = made, session.inspect(node.id)
    if state is not None and writers is not None:
        of_grad = state.grad is not None and (state.grad.stats.nans or state.grad.stats.infs)
        writer = writers.grad_writer if of_grad else writers.value_writer  # a parameter is written in place after it was made
        start = trace.event(writer.event) if writer is not None else made
    if start is None:
        return Answer("nan", f"{node.title} was not computed yet.", (node.id,))
    found = origins(session, start)
    if not found:
        return _far_away(session, node, start)
    told = [origin_told(session, one.event) for one in found]
    ways = [one.way for one in found]
    if len(found) == 1:
        known = next((alarm for alarm in firsts(session) if alarm.event == found[0].event.index), None)
        sentence = known.sentence if known is not None else f"It begins here: {told[0]}."
    else:
        listed = "; ".join(f"({number}) {words}" for number, words in enumerate(told[:_TOLD], 1))
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        sentence = f"It comes from {len(found)} places, none of which follows from another: {listed}{more}."
    shared = _shared(ways) if len(ways) > 1 else 0
    rows = [(row.index, f"line {row.line}: {caption(trace, row)}") for row in ways[0][:shared]] if shared else []
    nodes = dict.fromkeys(row.site for row in ways[0][:shared])
    for number, one in enumerate(found, 1):
        mark = f"({number}) " if len(found) > 1 else ""
        rows += [(row.index, f"{mark}line {row.line}: {caption(trace, row)}") for row in one.way[shared:]]
        nodes |= dict.fromkeys(row.site for row in reversed(one.way))
        mask = masking(session, one.event)
        hidden = trace.latest_made(mask, one.event.index) if mask >= 0 else None
        if hidden is not None:  # the branch that hides where it comes from
            nodes[mask] = None
            rows += [(row, mark + words) for row, words in _listed(session, [hidden])]
    lit = tuple(site for site in nodes if site >= 0)
    edges = tuple((e.source, e.target) for e in session.graph().edges if e.source in lit and e.target in lit and e.kind != "bucket")
    return Answer("nan", sentence, lit, edges, tuple(rows[:_LISTED]))


def _far_away(session: Session, node: GraphNode, start: Event) -> Answer:
    """Of a nan that has been handed on for long the first of the whole run."""
    known = min((alarm for alarm in firsts(session) if alarm.event <= start.index), key=lambda alarm: alarm.event, default=None)
    handed = f"It has been handed on for more than {FAR:,} events."
    if known is None:
        return Answer("nan", handed, (node.id,))
    return Answer(
        "nan", f"{handed} The first of the run: {known.sentence}", (*known.nodes, node.id), (), _listed(session, [start.index, known.event])
    )


def _shared(ways: list[tuple[Event, ...]]) -> int:
    """How many events from the start all ways go through: the trunk of the tree."""
    count = 0
    for events in zip(*ways, strict=False):
        if len({event.index for event in events}) > 1:
            break
        count += 1
    return count
