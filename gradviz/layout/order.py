"""The order within each layer: depth-first start, sweeps by the means of the neighbours with swaps, then whole paths moved."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .chains import Proper

if TYPE_CHECKING:
    from .reroute import Router

Array = np.ndarray[Any, Any]
_FEWEST, _MOST = 4, 24  # sweeps
_WORK = 20000  # nodes (and dummies) times sweeps
_CELLS = 7e6  # of the tables that moving paths may fill, in all
_PASSES = 6  # over the paths of one start
_LARGE = 3000  # nodes and dummies from which one start must do
_PATIENCE = 6  # sweeps without a better picture


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
    """The nodes of each layer from top to bottom: from each of two starts, the better result.

    Args:
        previous: cross coordinate of the real nodes in an earlier layout (nan where new): the start, for stability.
    """
    near = Neighbours(graph)
    sweeps = max(_FEWEST, min(_MOST, _WORK // max(len(graph.rank), 1)))
    start = _start(graph, near, True) if previous is None else _as_before(graph, near, previous)
    found = [_improved(start, near, sweeps, cancelled)]
    if not found[0][1]:
        return found[0][0]  # nothing is better, and most small graphs end here
    if previous is None and len(graph.rank) < _LARGE:
        found.append(_improved(_start(graph, near, False), near, sweeps, cancelled))
    from .reroute import Router

    if len(graph.links) and Router.fits(start):
        router = Router(graph, start)
        found = [_rerouted(layers, router, _CELLS / len(found), cancelled) for layers, _ in found]
    return min(found, key=lambda each: each[1])[0]


def _rerouted(layers: list[list[int]], router: Router, work: float, cancelled: Callable[[], bool] | None) -> tuple[list[list[int]], int]:
    """Passes over the paths while they help and there is `work` left; the order, and its crossings."""
    router.stand(layers)
    count, idle = router.crossings(), 0
    for number in range(_PASSES):
        if not count or work <= 0 or idle > 1:
            break
        work = router.pass_over(number % 2 == 1, work, cancelled)
        fewer = router.crossings()
        count, idle = fewer, 0 if fewer < count else idle + 1
    return router.layers(), count


def _improved(layers: list[list[int]], near: Neighbours, sweeps: int, cancelled: Callable[[], bool] | None) -> tuple[list[list[int]], int]:
    """Sweeps by means, each followed by swaps; the best order seen, and its crossings."""
    place = _places(layers, len(near.after))
    best, best_count, idle = [list(layer) for layer in layers], crossings(layers, near, place), 0
    for sweep in range(sweeps):
        if best_count == 0 or idle > _PATIENCE or (cancelled is not None and cancelled()):
            break
        down = sweep % 2 == 0
        for layer in layers[1:] if down else layers[-2::-1]:
            _sort_by_mean(layer, near.before if down else near.after, place, sweep % 4 > 1)
        restless: Sequence[int] = range(len(layers))
        while restless := _swap(layers, near, place, restless, sweep % 3 == 2):
            if cancelled is not None and cancelled():
                break
        count = crossings(layers, near, place)
        if count < best_count:
            best, best_count, idle = [list(layer) for layer in layers], count, 0
        else:
            idle += 1
    return best, best_count


def _places(layers: list[list[int]], size: int) -> list[float]:
    place = [0.0] * size
    for layer in layers:
        for k, v in enumerate(layer):
            place[v] = k
    return place


def _as_before(graph: Proper, near: Neighbours, previous: Array) -> list[list[int]]:
    """By the places in an earlier layout; dummies by their neighbours."""
    layers = _empty(graph)
    rank, known = graph.rank.tolist(), previous.tolist()
    for v in sorted(range(graph.n), key=lambda v: (known[v] != known[v], known[v])):
        layers[rank[v]].append(v)
    for v in range(graph.n, len(rank)):
        layers[rank[v]].append(v)
    place = _places(layers, len(rank))
    for layer in layers[1:]:
        if any(v >= graph.n for v in layer):
            _sort_by_mean(layer, near.before, place)
    return layers


def _empty(graph: Proper) -> list[list[int]]:
    return [[] for _ in range(int(graph.rank.max()) + 1 if len(graph.rank) else 0)]


def _start(graph: Proper, near: Neighbours, backwards: bool) -> list[list[int]]:
    """Depth-first from the ends (or the beginnings), so that what belongs together stands together."""
    layers = _empty(graph)
    rank = graph.rank.tolist()
    table = near.before if backwards else near.after
    seen = [False] * len(rank)
    for root in sorted(range(len(rank)), key=lambda v: (-rank[v] if backwards else rank[v], v)):
        stack = [root]
        while stack:
            v = stack.pop()
            if seen[v]:
                continue
            seen[v] = True
            layers[rank[v]].append(v)
            stack.extend(u for u in reversed(table[v]) if not seen[u])
    return layers


def _sort_by_mean(layer: list[int], near: list[list[int]], place: list[float], median: bool = False) -> None:
    keys = {}
    for v in layer:
        found = near[v]
        if not found:
            keys[v] = place[v]
        elif median and len(found) > 2:
            keys[v] = sorted([place[u] for u in found])[len(found) // 2]
        else:
            keys[v] = sum([place[u] for u in found]) / len(found)
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


def _swap(layers: list[list[int]], near: Neighbours, place: list[float], among: Iterable[int], ties: bool) -> list[int]:
    """One round of swaps of neighbours that take crossings away (with `ties` those that cost none, too).

    Returns the layers in which more may be gained: those where one helped, and those beside them.
    """
    restless: set[int] = set()
    before, after = near.before, near.after
    for number in among:
        layer = layers[number]
        improved = False
        for k in range(len(layer) - 1):
            u, v = layer[k], layer[k + 1]
            gain = 0
            for table in (before, after):
                of_u, of_v = table[u], table[v]
                if of_u and of_v:
                    if len(of_u) == 1 and len(of_v) == 1:
                        a, b = place[of_u[0]], place[of_v[0]]
                        gain += (a > b) - (b > a)
                    elif len(of_u) + len(of_v) < 6:  # sorting would cost more
                        for w in of_u:
                            a = place[w]
                            for x in of_v:
                                b = place[x]
                                gain += (a > b) - (b > a)
                    else:
                        first, second = sorted([place[w] for w in of_u]), sorted([place[w] for w in of_v])
                        gain += _pair(first, second) - _pair(second, first)
            if gain > 0 or (ties and gain == 0):
                layer[k], layer[k + 1] = v, u
                place[u], place[v] = place[v], place[u]
                improved = improved or gain > 0
        if improved:
            restless.update((number - 1, number, number + 1))
    if ties and restless:
        return list(range(len(layers)))  # what cost nothing may have opened a way elsewhere
    return sorted(number for number in restless if 0 <= number < len(layers))
