"""The order within each layer: depth-first start, barycentre sweeps, then swaps of neighbours while they help."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable
from typing import Any

import numpy as np

from .chains import Proper

Array = np.ndarray[Any, Any]
SWEEPS = 8
ROUNDS = 10


class Neighbours:
    """For each node the nodes of the layer before and of the layer after."""

    def __init__(self, graph: Proper) -> None:
        size = len(graph.rank)
        self.before: list[list[int]] = [[] for _ in range(size)]
        self.after: list[list[int]] = [[] for _ in range(size)]
        for s, t in graph.links.tolist():
            self.after[s].append(t)
            self.before[t].append(s)


def order(graph: Proper, previous: Array | None = None, cancelled: Callable[[], bool] | None = None) -> list[list[int]]:
    """The nodes of each layer from top to bottom.

    Args:
        previous: cross coordinate of the real nodes in an earlier layout (nan where new): the start, for stability.
    """
    near = Neighbours(graph)
    layers = _start(graph, near, previous)
    place = _places(layers, len(graph.rank))
    best, best_count = [list(layer) for layer in layers], crossings(layers, near, place)
    for sweep in range(SWEEPS):
        if best_count == 0 or (cancelled is not None and cancelled()):
            break
        down = sweep % 2 == 0
        for layer in layers[1:] if down else layers[-2::-1]:
            _sort_by_mean(layer, near.before if down else near.after, place)
        count = crossings(layers, near, place)
        if count < best_count:
            best, best_count = [list(layer) for layer in layers], count
    if best_count:
        best = _swap(best, near, best_count, cancelled)
    return best


def _places(layers: list[list[int]], size: int) -> list[float]:
    place = [0.0] * size
    for layer in layers:
        for k, v in enumerate(layer):
            place[v] = k
    return place


def _start(graph: Proper, near: Neighbours, previous: Array | None) -> list[list[int]]:
    """Depth-first from the ends, so that what belongs together stands together."""
    height = int(graph.rank.max()) + 1 if len(graph.rank) else 0
    layers: list[list[int]] = [[] for _ in range(height)]
    rank = graph.rank.tolist()
    if previous is not None:
        known = previous.tolist()
        for v in sorted(range(graph.n), key=lambda v: (known[v] != known[v], known[v])):
            layers[rank[v]].append(v)
        for v in range(graph.n, len(rank)):
            layers[rank[v]].append(v)
        place = _places(layers, len(rank))
        for layer in layers[1:]:
            if any(v >= graph.n for v in layer):
                _sort_by_mean(layer, near.before, place)
        return layers
    seen = [False] * len(rank)
    roots = sorted(range(len(rank)), key=lambda v: (-rank[v], v))
    for root in roots:
        stack = [root]
        while stack:
            v = stack.pop()
            if seen[v]:
                continue
            seen[v] = True
            layers[rank[v]].append(v)
            stack.extend(u for u in reversed(near.before[v]) if not seen[u])
    return layers


def _sort_by_mean(layer: list[int], near: list[list[int]], place: list[float]) -> None:
    keys = {v: (sum(place[u] for u in near[v]) / len(near[v]) if near[v] else place[v]) for v in layer}
    layer.sort(key=keys.__getitem__)
    for k, v in enumerate(layer):
        place[v] = k


def crossings(layers: list[list[int]], near: Neighbours, place: list[float]) -> int:
    """How many pairs of links between neighbouring layers cross."""
    total = 0
    for layer in layers[:-1]:
        seen: list[float] = []
        for v in layer:
            ends = sorted(place[t] for t in near.after[v])
            for end in ends:
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _pair(a: list[float], b: list[float]) -> int:
    """Crossings of the links of two neighbours, the first above the second; both sorted."""
    count = k = 0
    for x in b:
        while k < len(a) and a[k] <= x:
            k += 1
        count += len(a) - k
    return count


def _swap(layers: list[list[int]], near: Neighbours, count: int, cancelled: Callable[[], bool] | None) -> list[list[int]]:
    """Swap neighbours while that takes crossings away (ties too in every second round, to get off plateaus)."""
    place = _places(layers, len(near.after))
    best, best_count, idle = [list(layer) for layer in layers], count, 0
    for round_ in range(ROUNDS):
        changed = 0
        for layer in layers:
            k = 0
            while k < len(layer) - 1:
                u, v = layer[k], layer[k + 1]
                gain = 0
                for table in (near.before, near.after):
                    if table[u] and table[v]:
                        a, b = sorted(place[w] for w in table[u]), sorted(place[w] for w in table[v])
                        gain += _pair(a, b) - _pair(b, a)
                if gain > 0 or (gain == 0 and round_ % 3 == 1 and (near.before[u] or near.after[u]) and (near.before[v] or near.after[v])):
                    layer[k], layer[k + 1] = v, u
                    place[u], place[v] = place[v], place[u]
                    changed += gain > 0
                k += 1
        now = crossings(layers, near, place)
        if now < best_count:
            best, best_count, idle = [list(layer) for layer in layers], now, 0
        else:
            idle += 1
        if best_count == 0 or idle > 3 or (cancelled is not None and cancelled()):
            break
        if not changed and round_ % 3 != 1:
            for layer in layers[1:] if round_ % 2 else layers[-2::-1]:
                _sort_by_mean(layer, near.before if round_ % 2 else near.after, place)
    return best
