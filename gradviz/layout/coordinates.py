"""Where in its layer a node stands: as near to its neighbours as the order and the gaps allow.

Each layer is a weighted isotonic regression, solved exactly by pooling adjacent violators. Heavy weights keep the
trunk (the longest path) and the chains of dummies straight.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .chains import Proper

Array = np.ndarray[Any, Any]
SWEEPS = 10
TRUNK, CHAIN, PLAIN = 64.0, 8.0, 1.0


def isotonic(wanted: list[float], weights: list[float]) -> list[float]:
    """The non-decreasing numbers nearest to `wanted` (weighted least squares), by pooling adjacent violators."""
    blocks: list[list[float]] = []  # mean, weight, count
    for value, weight in zip(wanted, weights, strict=True):
        mean, total, count = value, weight, 1.0
        while blocks and blocks[-1][0] > mean:
            m, w, c = blocks.pop()
            mean = (mean * total + m * w) / (total + w)
            total += w
            count += c
        blocks.append([mean, total, count])
    return [mean for mean, _, count in blocks for _ in range(int(count))]


def spread(wanted: list[float], sizes: list[float], weights: list[float], gap: float, below: list[float] | None = None) -> list[float]:
    """Centres nearest to `wanted` such that neighbours keep `gap` between them, and `below` more under some of them."""
    offsets, at = [], 0.0
    for k, size in enumerate(sizes):
        if k:
            at += (sizes[k - 1] + size) / 2 + gap + (below[k - 1] if below is not None else 0.0)
        offsets.append(at)
    flat = isotonic([w - o for w, o in zip(wanted, offsets, strict=True)], weights)
    return [f + o for f, o in zip(flat, offsets, strict=True)]


def trunk(graph: Proper) -> set[tuple[int, int]]:
    """The links of the longest path; of several the one through the first nodes."""
    length = np.zeros(len(graph.rank), np.int64)
    links = graph.links[np.argsort(graph.rank[graph.links[:, 1]], kind="stable")] if len(graph.links) else graph.links
    best = np.full(len(graph.rank), -1, np.int64)
    for s, t in links.tolist():
        step = length[s] + (2 if t < graph.n and s < graph.n else 1)
        if step > length[t]:
            length[t], best[t] = step, s
    found: set[tuple[int, int]] = set()
    if len(length):
        v = int(np.argmax(length))
        while best[v] >= 0:
            found.add((int(best[v]), v))
            v = int(best[v])
    return found


def cross_centres(graph: Proper, layers: list[list[int]], size: Array, gap: float, below: Array) -> Array:
    """(n + dummies,) centre of each node across the layers; `below` is the room that is to stay free under each."""
    main = trunk(graph)
    near: list[list[tuple[int, float]]] = [[] for _ in graph.rank]
    before: list[list[tuple[int, float]]] = [[] for _ in graph.rank]
    for s, t in graph.links.tolist():
        weight = TRUNK if (s, t) in main else CHAIN if s >= graph.n and t >= graph.n else PLAIN
        near[s].append((t, weight))
        before[t].append((s, weight))
    lengths, free = size.tolist(), below.tolist()
    centre = [0.0] * len(lengths)
    for layer in layers:
        at = 0.0
        for v in layer:
            centre[v] = at + lengths[v] / 2
            at += lengths[v] + free[v] + gap
        middle = at / 2
        for v in layer:
            centre[v] -= middle
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        last = sweep >= SWEEPS - 2
        for layer in layers if down else layers[::-1]:
            wanted, weights = [], []
            for v in layer:
                pulls = before[v] + near[v] if last else (before[v] if down else near[v]) or near[v] + before[v]
                total = sum(w for _, w in pulls)
                wanted.append(sum(centre[u] * w for u, w in pulls) / total if total else centre[v])
                weights.append(total or 0.1)
            found = spread(wanted, [lengths[v] for v in layer], weights, gap, [free[v] for v in layer])
            for v, c in zip(layer, found, strict=True):
                centre[v] = c
    return np.array(centre)
