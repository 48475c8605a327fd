"""New nodes in an existing layout: the old ones stay where they are, as far as that is possible."""

from __future__ import annotations

from typing import Any

import numpy as np

from .layered import LAYER_GAP, NODE_GAP, Layout, on_grid, routes_between, with_room

Array = np.ndarray[Any, Any]
_TOUCH = 1e-6  # pixels


def insert(layout: Layout, sizes: Array, edges: Array, *, ports: Array | None = None, below: Array | None = None) -> Layout:
    """The layout with more nodes and edges.

    Args:
        layout: of the first len(layout.positions) nodes.
        sizes: (n, 2) of all nodes, the new ones at the end.
        edges: (m, 2) all edges.
        below: (n,) room to keep free under each card, as in `layered`.

    A new node stands behind its inputs; only what must move to keep edges going forward moves, and only as far as it
    must; a node that is new or moved goes to the nearest free place of its column, and the others stay.
    """
    sizes = np.asarray(sizes, np.float64).reshape(-1, 2)
    edges = np.asarray(edges, np.int64).reshape(-1, 2)
    lr = layout.direction == "LR"
    flat = sizes if lr else sizes[:, ::-1]
    old, n = len(layout.positions), len(sizes)
    filled = with_room(sizes, np.zeros(n) if below is None else np.asarray(below, np.float64), layout.direction)
    whole = filled if lr else filled[:, ::-1]
    at = np.zeros((n, 2))
    at[:old] = layout.positions if lr else layout.positions[:, ::-1]
    inputs: list[list[int]] = [[] for _ in range(n)]
    users: list[list[int]] = [[] for _ in range(n)]
    for s, t in edges.tolist():
        inputs[t].append(s)
        users[s].append(t)
    moved = set(range(old, n))
    for v in _forward(n, old, inputs):
        before = [u for u in inputs[v] if u < old or u < v or u in moved]
        after = [u for u in users[v] if u < old]
        if before:
            at[v, 0] = max(at[u, 0] + flat[u, 0] for u in before) + LAYER_GAP
            at[v, 1] = np.mean([at[u, 1] + flat[u, 1] / 2 for u in before]) - flat[v, 1] / 2
        elif after:
            at[v, 0] = min(at[u, 0] for u in after) - LAYER_GAP - flat[v, 0]
            at[v, 1] = np.mean([at[u, 1] + flat[u, 1] / 2 for u in after]) - flat[v, 1] / 2
        elif old:
            at[v] = [0.0, (at[:old, 1] + whole[:old, 1]).max() + NODE_GAP]
        stack = [v]
        while stack:  # what stands too far left for its inputs goes right, with all that follows
            u = stack.pop()
            for t in users[u]:
                need = at[u, 0] + flat[u, 0] + LAYER_GAP / 2
                if at[t, 0] < need and (t < old or t in moved):
                    at[t, 0] = need + LAYER_GAP / 2
                    moved.add(t)
                    stack.append(t)
    for v in sorted(moved, key=lambda v: (at[v, 0], v)):
        _clear(v, at, whole)
    routes = routes_between(at + flat / 2, flat, edges, ports, [[] for _ in edges])
    at[old:] = on_grid(at[old:])
    low = np.minimum(at.min(axis=0), 0) if n else np.zeros(2)
    at -= low
    routes = [r - low for r in routes]
    if not lr:
        at, routes = at[:, ::-1].copy(), [r[:, ::-1].copy() for r in routes]
    extent = (at + filled).max(axis=0) if n else np.zeros(2)
    return Layout(at, sizes, routes, (float(extent[0]), float(extent[1])), layout.direction)


def _forward(n: int, old: int, inputs: list[list[int]]) -> list[int]:
    """The new nodes, each after its new inputs."""
    done: list[int] = []
    seen: set[int] = set()
    for start in range(old, n):
        stack = [start]
        while stack:
            v = stack[-1]
            open_inputs = [u for u in inputs[v] if u >= old and u not in seen]
            if v in seen or not open_inputs:
                stack.pop()
                if v not in seen:
                    seen.add(v)
                    done.append(v)
            else:
                stack.append(open_inputs[0])
    return done


def _clear(v: int, at: Array, sizes: Array) -> None:
    """Move the card `v` up or down to the nearest place where it overlaps none."""
    left, right = at[v, 0], at[v, 0] + sizes[v, 0]
    here = np.flatnonzero((at[:, 0] < right + 1) & (at[:, 0] + sizes[:, 0] > left - 1))
    here = here[here != v]
    if not len(here):
        return
    tops, bottoms = at[here, 1] - NODE_GAP - sizes[v, 1], at[here, 1] + sizes[here, 1] + NODE_GAP  # between them it would be too near
    places = np.concatenate(([at[v, 1]], tops, bottoms))
    free = ~((places[:, None] > tops + _TOUCH) & (places[:, None] < bottoms - _TOUCH)).any(axis=1)
    at[v, 1] = places[free][np.abs(places[free] - at[v, 1]).argmin()]
