"""The layered layout: ranks, chains, order, coordinates, routes; group under group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .chains import proper
from .coordinates import cross_centres
from .order import order
from .ranks import ranks

Array = np.ndarray[Any, Any]

LAYER_GAP = 56.0  # between columns
NODE_GAP = 28.0  # between cards of a column
GROUP_GAP = 72.0
LANE = 14.0  # height of a long edge that passes a column


class Layout(NamedTuple):
    """Where everything stands.

    Attributes:
        positions: (n, 2) top-left corners.
        sizes: (n, 2) widths and heights.
        routes: for each edge a (k, 2) polyline from the source's port to the target's.
        size: (width, height) of the whole, from (0, 0).
        direction: "LR" or "TB".
    """

    positions: Array
    sizes: Array
    routes: list[Array]
    size: tuple[float, float]
    direction: str


def on_grid(positions: Array) -> Array:
    """Eighths of a pixel: sums and differences of them are exact, so what stands stays to the last bit."""
    return np.asarray(np.round(positions * 8) / 8)


def layered(
    sizes: Array,
    edges: Array,
    *,
    direction: str = "LR",
    groups: Array | None = None,
    ports: Array | None = None,
    previous: Layout | None = None,
    below: Array | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Layout:
    """Lay a graph out in layers. Deterministic: the same graph gives the same numbers.

    Args:
        sizes: (n, 2) widths and heights of the cards.
        edges: (m, 2) int, source and target; no circles.
        direction: "LR" (layers from left to right) or "TB".
        groups: (n,) int; each group is laid out alone, and groups stand under each other (beside, for TB) in order of number.
        ports: (m,) which input of the target an edge is; spreads the ends along the card.
        previous: an earlier layout of the first nodes: its order is the start.
        below: (n,) room to keep free under each card (beside it, for TB), for what hangs on it.
        cancelled: asked between sweeps; what is there so far is returned.

    Raises:
        ValueError: a circle, or an unknown direction.
    """
    if direction not in {"LR", "TB"}:
        raise ValueError(f"direction is LR or TB, not {direction!r}")
    sizes = np.asarray(sizes, np.float64).reshape(-1, 2)
    edges = np.asarray(edges, np.int64).reshape(-1, 2)
    n = len(sizes)
    flat = sizes if direction == "LR" else sizes[:, ::-1]
    known = None
    if previous is not None:
        known = np.full(n, np.nan)
        held = min(len(previous.positions), n)
        known[:held] = previous.positions[:held, 1 if direction == "LR" else 0]
    room = np.zeros(n) if below is None else np.asarray(below, np.float64)
    centres = np.zeros((n, 2))
    inner: list[list[Array]] = [[] for _ in edges]
    group = np.zeros(n, np.int64) if groups is None else np.asarray(groups, np.int64)
    down = 0.0
    for number in sorted(set(group.tolist())):
        members = np.flatnonzero(group == number)
        local = np.full(n, -1, np.int64)
        local[members] = np.arange(len(members))
        mine = np.flatnonzero((group[edges[:, 0]] == number) & (group[edges[:, 1]] == number)) if len(edges) else np.zeros(0, np.int64)
        height = _one(
            flat[members], room[members], local[edges[mine]], None if known is None else known[members], members, mine, centres, inner,
            down, cancelled,
        )  # fmt: skip
        down += height + GROUP_GAP
    positions = on_grid(centres - flat / 2)
    centres = positions + flat / 2
    routes = routes_between(centres, flat, edges, ports, inner)
    if n:
        low = positions.min(axis=0)
        positions -= low
        routes = [r - low for r in routes]
    if direction == "TB":
        positions, routes = positions[:, ::-1].copy(), [r[:, ::-1].copy() for r in routes]
    extent = (positions + with_room(sizes, room, direction)).max(axis=0) if n else np.zeros(2)
    return Layout(positions, sizes, routes, (float(extent[0]), float(extent[1])), direction)


def with_room(sizes: Array, below: Array, direction: str) -> Array:
    """Widths and heights of the cards with the room below them."""
    made = sizes.copy()
    made[:, 1 if direction == "LR" else 0] += below
    return made


def _one(
    sizes: Array,
    below: Array,
    edges: Array,
    known: Array | None,
    members: Array,
    edge_numbers: Array,
    centres: Array,
    inner: list[list[Array]],
    down: float,
    cancelled: Callable[[], bool] | None,
) -> float:
    """One group, written into `centres` and `inner` below `down`; returns its height."""
    graph = proper(len(sizes), edges, ranks(len(sizes), edges))
    layers = order(graph, known, cancelled)
    cross = np.concatenate([sizes[:, 1], np.full(len(graph.rank) - len(sizes), LANE)])
    room = np.concatenate([below, np.zeros(len(graph.rank) - len(sizes))])
    y = cross_centres(graph, layers, cross, NODE_GAP, room)
    y -= (y - cross / 2).min()
    widths = np.zeros(len(layers))
    np.maximum.at(widths, graph.rank[: len(sizes)], sizes[:, 0])
    left = np.concatenate([[0.0], np.cumsum(widths + LAYER_GAP)[:-1]])
    x = left[graph.rank] + widths[graph.rank] / 2
    centres[members, 0] = x[: len(sizes)]
    centres[members, 1] = y[: len(sizes)] + down
    for k, path in zip(edge_numbers.tolist(), graph.paths, strict=True):
        for dummy in path:
            rank = graph.rank[dummy]
            level = y[dummy] + down
            # straight through the column, so that no card of it is cut
            inner[k].append(np.array([[left[rank], level], [left[rank] + widths[rank], level]]))
    return float((y + cross / 2 + room).max())


def routes_between(centres: Array, sizes: Array, edges: Array, ports: Array | None, inner: list[list[Array]]) -> list[Array]:
    """Polylines from the middle of the source's far side to the target's port; without ports edges arrive in order of height."""
    if not len(edges):
        return []
    target = edges[:, 1]
    if ports is None:
        number = np.array([inner[k][-1][-1, 1] if inner[k] else centres[s, 1] for k, s in enumerate(edges[:, 0].tolist())])
    else:
        number = np.asarray(ports, np.float64)
    order_in = np.lexsort((number, target))
    counts = np.bincount(target, minlength=len(sizes))
    place = np.empty(len(edges))
    starts = np.concatenate([[0], np.cumsum(counts)])
    place[order_in] = np.arange(len(edges)) - starts[target[order_in]]
    share = (place + 1) / (counts[target] + 1)
    begin = centres[edges[:, 0]] + np.stack([sizes[edges[:, 0], 0] / 2, np.zeros(len(edges))], 1)
    end = np.stack([centres[target, 0] - sizes[target, 0] / 2, centres[target, 1] - sizes[target, 1] / 2 + share * sizes[target, 1]], 1)
    return [np.concatenate([begin[k : k + 1], *inner[k], end[k : k + 1]]) for k in range(len(edges))]
