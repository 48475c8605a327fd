"""A recording as one HTML file that steps in a browser without the app: layout, moments as differences, a small player."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.scene import GraphNode, Moment, NodeState, Picture, Status
from ..debugger.words.captions import numbers
from ..layout import layered, split_shared
from .cancelled import Cancelled, Progress

if TYPE_CHECKING:
    from ..debugger.session import Session

TEMPLATE = Path(__file__).with_name("replay.html")
LARGEST = 5000  # moments of one file: beyond that browsers get slow
WIDTH, HEIGHT = 190.0, 112.0
_FEW = 4  # numbers of a value that a card writes out, a line each


def moments_of(session: Session, first: int, last: int) -> list[int]:
    """The events of a span that a step stops at, at most `LARGEST`."""
    steps = session.columns.steps
    found: list[int] = steps[(steps >= first) & (steps <= last)].tolist()
    return found[:LARGEST]


def _lines(picture: Picture | None) -> list[str]:
    """A value as a card shows it: its numbers where they are few, else its size."""
    if picture is None:
        return []
    array = picture.array
    if array is None or array.size > _FEW:
        return ["x".join(map(str, picture.stats.shape)), f"norm {picture.stats.whole_norm:.4g}"]
    return [f"{float(value):.4g}" if array.dtype.kind == "f" else str(value) for value in array.reshape(-1).tolist()]


_UNBORN: tuple[NodeState | None, list[Any]] = (None, [0, [], [], "", ""])


def _state(state: NodeState | None) -> list[Any]:
    if state is None or state.status == Status.UNBORN:
        return _UNBORN[1]
    whole = "" if state.value is None else f"value {numbers(state.value)}"
    grad = "" if state.grad is None else f"gradient {numbers(state.grad)}"
    return [int(state.status), _lines(state.value), _lines(state.grad), ", ".join(state.badges), "\n".join(filter(None, (whole, grad)))]


def _step(moment: Moment, before: dict[int, tuple[NodeState | None, list[Any]]], nodes: list[int]) -> dict[str, Any]:
    changed = {}
    find = moment.states.get
    for node in nodes:
        state = find(node)
        known, told = before.get(node, _UNBORN)
        if state is known:  # of thousands of nodes a step changes a few
            continue
        now = _state(state)
        before[node] = (state, now)
        if now != told:
            changed[node] = now
    found: dict[str, Any] = {"t": moment.caption, "l": moment.line, "e": moment.position + 1}
    if changed:
        found["s"] = changed
    if moment.current:
        found["c"] = list(moment.current)
    if moment.pulses:
        found["p"] = [[p.source, p.target, p.port, int(p.forward)] for p in moment.pulses]
    return found


def replay_data(session: Session, first: int = 0, last: int | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """All that the player needs.

    Args:
        progress: told how many of how many moments are done; False cancels.

    Raises:
        Cancelled: `progress` said so.
    """
    graph = session.graph()
    index = {node.id: k for k, node in enumerate(graph.nodes)}
    kept = [e for e in graph.edges if e.source in index and e.target in index]
    pairs = np.array([(index[e.source], index[e.target]) for e in kept], np.int64).reshape(-1, 2)
    leaf = np.array([n.is_leaf for n in graph.nodes], np.bool_)
    split = split_shared(pairs, leaf, np.array([e.kind == "grad" for e in kept], np.bool_))
    owners = split.owner.tolist()
    cards = [*range(len(graph.nodes)), *owners]
    sizes = np.array([(WIDTH, HEIGHT)] * len(graph.nodes) + [(104.0, 30.0)] * len(owners)).reshape(-1, 2)
    groups = np.array([graph.nodes[k].group for k in cards], np.int64)
    layout = layered(sizes, split.edges, groups=groups, ports=np.array([e.port for e in kept], np.int64))
    spots = moments_of(session, first, session.length - 1 if last is None else last)
    where = session.position
    steps: list[dict[str, Any]] = []
    before: dict[int, tuple[NodeState | None, list[Any]]] = {}
    nodes = [node.id for node in graph.nodes]
    try:
        for number, event in enumerate(spots):
            session.seek(event)
            steps.append(_step(session.moment(), before, nodes))
            if progress is not None and not progress(number + 1, len(spots)):
                raise Cancelled
    finally:
        session.seek(where)
    placed = zip(cards, layout.positions, sizes, strict=True)
    return {
        "source": session.recording.source,
        "nodes": [_node(node) for node in graph.nodes],
        "cards": [[graph.nodes[k].id, *np.round(at, 1).tolist(), *size.tolist()] for k, at, size in placed],
        "edges": [[e.source, e.target, e.port, e.kind, np.round(r, 1).tolist()] for e, r in zip(kept, layout.routes, strict=True)],
        "frames": [{"label": f"{f.label}, line {f.line}", "nodes": list(f.nodes)} for f in graph.frames],
        "size": [round(float(v), 1) for v in layout.size],
        "steps": steps,
    }


def _node(node: GraphNode) -> dict[str, Any]:
    below = node.grad_fn or ("leaf" if node.is_leaf else node.op)
    return {"id": node.id, "title": node.title, "fn": below, "shape": list(node.shape), "kind": int(node.kind), "line": node.line}


def to_html(session: Session, title: str, first: int = 0, last: int | None = None, progress: Progress | None = None) -> str:
    """The file. Raises `Cancelled` as `replay_data` does."""
    data = json.dumps(replay_data(session, first, last, progress), separators=(",", ":"), ensure_ascii=True)
    page = TEMPLATE.read_text(encoding="utf-8")
    return page.replace("__TITLE__", html.escape(title)).replace('"__DATA__"', data.replace("</", "<\\/"))
