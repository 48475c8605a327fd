"""The curve of an activation with the elements of this moment on it, and the slope at each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.derivation.engine_rows import Call, rows_named
from ..debugger.scene import GraphNode
from ..recording.event import Kind

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

SAMPLES = 241
MOST = 4000  # elements that are drawn
REACH = 3.0  # at least so far to both sides of 0


@dataclass(frozen=True, slots=True)
class Curve:
    """The picture.

    Attributes:
        grid, value, slope: the curve y = f(x) and its slope.
        x, y, steep: input, output and slope of each element (at most MOST of them).
        flat: elements whose slope is (nearly) 0: no gradient comes through them.
    """

    node: int
    op: str
    title: str
    source: str
    grid: Array
    value: Array
    slope: Array
    x: Array
    y: Array
    steep: Array
    flat: int
    count: int


def activations(session: Session) -> tuple[GraphNode, ...]:
    """The nodes that have a curve: elementwise ops of one input, with a slope that is not constant."""
    return tuple(node for node in session.graph().nodes if _is_activation(session, node))


def fits(session: Session) -> bool:
    """Whether there is an activation."""
    return bool(activations(session))


def curve(session: Session, position: int, node_id: int) -> Curve | None:
    """The picture of a node with the elements of its last run at the moment."""
    trace = session.trace
    rows = [int(row) for row in trace.made[node_id]] if node_id < len(trace.made) else []
    behind = [row for row in rows if row <= position] or rows[:1]
    if not behind:
        return None
    event = trace.event(behind[-1])
    call = _call(session, node_id, event.detail)
    pictures = [trace.picture(ref.value) for ref in (*event.reads[:1], *event.writes[:1])]
    if call is None or len(pictures) != 2 or any(p is None or p.array is None for p in pictures):
        return None
    x = np.asarray(pictures[0].array, np.float64).reshape(-1)  # type: ignore[union-attr]  # looked at above
    y = np.asarray(pictures[1].array, np.float64).reshape(-1)  # type: ignore[union-attr]
    fine = np.isfinite(x) & np.isfinite(y)
    x, y = x[fine], y[fine]
    far = max(REACH, 1.15 * float(np.abs(x).max())) if x.size else REACH
    grid = np.linspace(-far, far, SAMPLES)
    value, slope = call(grid)
    _, steep = call(x)
    if value is None or slope is None or steep is None:
        return None
    few = np.linspace(0, len(x) - 1, min(MOST, len(x))).astype(np.int64) if x.size else np.zeros(0, np.int64)
    flat = int(np.count_nonzero(np.abs(steep) < 1e-3))
    graph = session.graph()
    node = graph.node(node_id)
    source = next((graph.node(edge.source) for edge in graph.edges if edge.target == node_id), None)
    return Curve(
        node_id,
        str(event.detail.get("op") or ""),
        node.title if node is not None else "",
        source.title if source is not None else "x",
        grid,
        value,
        slope,
        x[few],
        y[few],
        steep[few],
        flat,
        len(x),
    )


class _Function:
    """An elementwise op as a function of numbers, with its slope by the engine's own vjp."""

    def __init__(self, row: Any, params: dict[str, Any]) -> None:
        self._row = row
        self._params = params

    def __call__(self, x: Array) -> tuple[Array | None, Array | None]:
        try:
            with np.errstate(all="ignore"):
                y = np.asarray(self._row.forward(x, **self._params), np.float64)
        except (ValueError, TypeError, KeyError):
            return None, None
        if y.shape != x.shape:
            return None, None
        slope = Call(self._row, [x], [x.shape], y, self._params).vjp(0, np.ones_like(y))
        return y, np.asarray(slope, np.float64) if slope is not None and slope.shape == x.shape else None


def _call(session: Session, node_id: int, detail: dict[str, Any]) -> _Function | None:
    site = session.recording.sites[node_id]
    row = next(iter(rows_named(str(detail.get("op") or site.op), site.grad_fn)), None)
    params = {name: tuple(v) if isinstance(v, list) else v for name, v in (detail.get("params") or {}).items()}
    return _Function(row, params) if row is not None and row.elementwise and len(row.inputs) == 1 else None


def _is_activation(session: Session, node: GraphNode) -> bool:
    """Elementwise, of one input, tracked, and bent."""
    rows = session.trace.made[node.id] if node.id < len(session.trace.made) else []
    if node.is_leaf or not node.grad_fn or not len(rows) or int(session.columns.kind[int(rows[0])]) != Kind.OP:
        return False
    event = session.trace.event(int(rows[0]))
    function = _call(session, node.id, event.detail) if len(event.reads) == 1 else None
    if function is None:
        return False
    _, slope = function(np.array([-1.5, -0.5, 0.5, 1.5]))
    return slope is not None and bool(np.isfinite(slope).all()) and float(np.ptp(slope)) > 1e-9
