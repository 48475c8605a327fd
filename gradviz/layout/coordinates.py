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
    means: list[float] = []  # of the blocks so far, with their weights and sizes
    totals: list[float] = []
    counts: list[int] = []
    for mean, total in zip(wanted, weights, strict=True):
        count = 1
        while means and means[-1] > mean:
            weight = totals.pop()
            mean = (mean * total + means.pop() * weight) / (total + weight)
            total += weight
            count += counts.pop()
        means.append(mean)
        totals.append(total)
        counts.append(count)
    if len(means) == len(wanted):
        return means
    return [mean for mean, count in zip(means, counts, strict=True) for _ in range(count)]


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
    offsets: list[list[float]] = []  # of the nodes of each layer where they stand as close as they may
    for layer in layers:
        at = 0.0
        tops = []
        for v in layer:
            tops.append(at + lengths[v] / 2)
            at += lengths[v] + free[v] + gap
        for v, top in zip(layer, tops, strict=True):
            centre[v] = top - at / 2
        offsets.append(tops)
    ways = [[_pulls(v, pulls) for v, pulls in enumerate(table)] for table in _tables(before, near)]
    numbers = range(len(layers))
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        pulls_of = ways[2] if sweep >= SWEEPS - 2 else ways[0] if down else ways[1]
        for number in numbers if down else reversed(numbers):
            layer, tops = layers[number], offsets[number]
            wanted, weights = [], []
            for v, top in zip(layer, tops, strict=True):
                u, pulls, total = pulls_of[v]
                wanted.append((sum([centre[w] * pull for w, pull in pulls]) / total if pulls else centre[u]) - top)
                weights.append(total)
            for v, place, top in zip(layer, isotonic(wanted, weights), tops, strict=True):
                centre[v] = place + top
    return np.array(centre)


_Links = list[tuple[int, float]]


def _tables(before: list[_Links], near: list[_Links]) -> tuple[list[_Links], list[_Links], list[_Links]]:
    """What pulls at each node on the way down, on the way up (where there is nothing, the other side), and in the end."""
    return (
        [b or a for b, a in zip(before, near, strict=True)],
        [a or b for b, a in zip(before, near, strict=True)],
        [b + a for b, a in zip(before, near, strict=True)],
    )


def _pulls(v: int, links: _Links) -> tuple[int, _Links, float]:
    """For one link where it leads to, for none the node itself, for more the links; and the weight of all."""
    if len(links) > 1:
        return v, links, sum([weight for _, weight in links])
    return (links[0][0], [], links[0][1]) if links else (v, [], 0.1)
