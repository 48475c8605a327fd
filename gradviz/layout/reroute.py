"""Paths taken out of the order and put back where they cross least: the moves that sweeps from layer to layer cannot make.

A long edge that lies on the wrong side of the trunk gains nothing from leaving it in one layer, only from leaving it in
all of them at once. With everything else fixed, the best gaps for the nodes of a path are a shortest way through the
layers, so each move is exact and never adds crossings.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .chains import Proper

Array = np.ndarray[Any, Any]
_CELLS = 400_000  # of one path's tables: a longer path through wider layers stays where it is
_ALL = 6_000_000  # of the tables of the whole graph
_FIXED, _STEP = 3000, 300  # what a path and each of its nodes cost beside the cells, in cells


class Path:
    """Nodes of consecutive layers, each linked to the next, with the links of the layers around them.

    Attributes:
        nodes: (k,) the nodes, one a layer.
        first: layer before the first node, or the first node's where there is none before.
        links: the links between the layers around the path.
        layer: for each of these links, which of these layers it leaves.
        others, inner, come, go: which of these links are elsewhere, on the path, arriving at it from beside, leaving it.
    """

    def __init__(self, nodes: tuple[int, ...], rank: Array, starts: Array, source: Array, target: Array) -> None:
        self.nodes = np.array(nodes, np.int64)
        begin, stop = int(rank[nodes[0]]), int(rank[nodes[-1]]) + 1
        self.first = max(begin - 1, 0)
        self.skip = begin - self.first
        self.links = slice(int(starts[self.first]), int(starts[stop]))
        self.count = min(stop, len(starts) - 2) - self.first  # layers that links leave
        on = np.full(self.count + 2, -1)
        on[self.skip : self.skip + len(nodes)] = self.nodes
        self.layer = rank[source[self.links]] - self.first
        leaves, arrives = source[self.links] == on[self.layer], target[self.links] == on[self.layer + 1]
        self.others = np.flatnonzero(~(leaves | arrives))
        self.inner = np.flatnonzero(leaves & arrives)
        self.come, self.go = np.flatnonzero(arrives & ~leaves), np.flatnonzero(leaves & ~arrives)


class Router:
    """The places of all nodes, and the moves of paths among them.

    Called by `order` for each layout; costs some hundredths of a second at 1,000 nodes (benchmark row ui/layout).
    """

    def __init__(self, graph: Proper, layers: list[list[int]]) -> None:
        self.rank = graph.rank
        links = graph.links[np.argsort(graph.rank[graph.links[:, 0]], kind="stable")]
        self.source, self.target = links[:, 0].copy(), links[:, 1].copy()
        self.leaves = self.rank[self.source]
        self.starts = np.searchsorted(self.leaves, np.arange(len(layers) + 1))
        self.weight = weights(graph, self.source, self.target)
        small = self.weight.sum() * self.weight.max(initial=1) < np.iinfo(np.int32).max  # half the bytes: twice the speed
        self.weight = self.weight.astype(np.int32 if small else np.int64)
        self._cells = np.zeros(0, self.weight.dtype)  # kept from path to path, as fresh memory costs more than the sums
        self.by_rank = np.argsort(self.rank, kind="stable")
        self.rank_starts = np.searchsorted(self.rank[self.by_rank], np.arange(len(layers) + 1))
        self.widths = np.diff(self.rank_starts)
        self.place = np.zeros(len(self.rank), np.int64)
        self.stand(layers)
        self.paths = _paths(graph)
        self._made: dict[tuple[int, ...], Path] = {}  # those that were needed

    @staticmethod
    def fits(layers: list[list[int]]) -> bool:
        """Whether the tables of all layers are small enough to be filled in no time."""
        return len(layers) * (max(len(layer) for layer in layers) + 1) ** 2 <= _ALL

    def stand(self, layers: list[list[int]]) -> None:
        """Take the order of these layers."""
        for layer in layers:
            self.place[layer] = np.arange(len(layer))

    def layers(self) -> list[list[int]]:
        """The nodes of each layer in order."""
        ordered = np.lexsort((self.place, self.rank)).tolist()
        bounds = self.rank_starts.tolist()
        return [ordered[a:b] for a, b in pairwise(bounds)]

    def crossed(self) -> Array:
        """(links,) by how many drawn edges each link is crossed."""
        width = int(self.widths.max()) + 1
        a, b, r = self.place[self.source], self.place[self.target], self.leaves
        sums = self._sums((r * width + a + 1) * width + b + 1, self.weight, len(self.widths), width)
        return np.asarray(sums[r, a, -1] - sums[r, a, b + 1] + sums[r, -1, b] - sums[r, a + 1, b])

    def crossings(self) -> int:
        """How many pairs of drawn edges cross."""
        return int((self.crossed() * self.weight).sum()) // 2

    def pass_over(self, last: bool, work: float, cancelled: Callable[[], bool] | None = None) -> float:
        """Move each path that is crossed, the most crossed first, and return the work that is left.

        Args:
            last: of equally good gaps take the last, not the first; passes of both kinds open ways to each other.
            work: how many cells may be filled.
        """
        crossed = self.crossed() * self.weight
        at_node = np.bincount(self.source, crossed, len(self.rank)) + np.bincount(self.target, crossed, len(self.rank))
        costs = at_node.tolist()
        cost = [sum([costs[v] for v in nodes]) for nodes in self.paths]
        for k in sorted(range(len(cost)), key=lambda k: -cost[k]):
            if cost[k] <= 0 or work <= 0 or (cancelled is not None and cancelled()):
                break
            work -= self.move(self.paths[k], last)
        return work

    def move(self, nodes: tuple[int, ...], last: bool) -> float:
        """Put one of the paths where it crosses least; returns what that cost, in cells."""
        path = self._made.get(nodes)
        if path is None:
            path = self._made[nodes] = Path(nodes, self.rank, self.starts, self.source, self.target)
        return self._moved(path, last)

    def _moved(self, path: Path, last: bool) -> float:
        k, skip, layer = len(path.nodes), path.skip, path.layer
        wide = int(self.widths[path.first : path.first + path.count + 1].max()) + 1
        cells = path.count * wide * wide
        if cells > _CELLS:
            return _FIXED
        weight = self.weight[path.links]
        old = self.place[path.nodes]
        own = np.full(path.count + 2, wide)
        own[skip : skip + k] = old
        # places as they are without the path
        a, b = self.place[self.source[path.links]], self.place[self.target[path.links]]
        a, b = a - (a > own[layer]), b - (b > own[layer + 1])
        others, come, go, inner = path.others, path.come, path.go, path.inner
        sums = self._sums((layer[others] * wide + a[others] + 1) * wide + b[others] + 1, weight[others], path.count, wide)
        beside = np.zeros((path.count + 1, wide), weight.dtype)  # for each layer and gap the crossings of links from or to beside
        if len(come):
            i, p = layer[come], a[come]
            rows = sums[i, p, -1][:, None] - sums[i, p] + sums[i, -1] - sums[i, p + 1]
            np.add.at(beside, i + 1, rows * weight[come][:, None])
        if len(go):
            i, p = layer[go], b[go]
            rows = sums[i, :, -1] - sums[i, :, p + 1] + sums[i, -1, p][:, None] - sums[i, :, p]
            np.add.at(beside, i, rows * weight[go][:, None])
        beside = beside[skip : skip + k]
        between = self._between(sums[skip : skip + k - 1], weight[inner])
        for j, m in _pairs(layer[come].tolist(), layer[go].tolist()):
            on, gaps = int(layer[come[j]]) - skip, np.arange(wide)
            if 0 <= on < k - 1:  # what arrives at a node and what leaves the one before it
                both = weight[come[j]] * weight[go[m]]
                between[on] += both * ((a[come[j]] < gaps)[:, None] == (b[go[m]] < gaps)[None, :])
        if beside[np.arange(k), old].sum() + between[np.arange(k - 1), old[:-1], old[1:]].sum() > 0:
            self._stand(path, _cheapest(beside, between, last))
        return cells + _FIXED + _STEP * k

    @staticmethod
    def _between(sums: Array, weight: Array) -> Array:
        """(k - 1, gaps, gaps) crossings of the path's own links."""
        if not len(weight):
            return np.zeros((0, *sums.shape[1:]), sums.dtype)
        return np.asarray((sums[:, :, -1:] + sums[:, -1:, :] - 2 * sums) * weight[:, None, None])

    def _sums(self, cells: Array, weight: Array, layers: int, wide: int) -> Array:
        """(layers, wide, wide) sums of the weights of the links up to each place on both sides, until the next call."""
        size = layers * wide * wide
        if len(self._cells) < size:
            self._cells = np.zeros(size, self.weight.dtype)
        flat = self._cells[:size]
        flat.fill(0)
        np.add.at(flat, cells, weight)
        made = flat.reshape(layers, wide, wide)
        np.cumsum(made, axis=1, out=made)
        return np.cumsum(made, axis=2, out=made)

    def _stand(self, path: Path, gaps: Array) -> None:
        begin, k = path.first + path.skip, len(path.nodes)
        gaps = np.minimum(gaps, self.widths[begin : begin + k] - 1)
        members = self.by_rank[self.rank_starts[begin] : self.rank_starts[begin + k]]
        at, layer = self.place[members], self.rank[members] - begin
        at = at - (at > self.place[path.nodes][layer])
        self.place[members] = at + (at >= gaps[layer])
        self.place[path.nodes] = gaps


def _pairs(come: list[int], go: list[int]) -> list[tuple[int, int]]:
    """Which of `come` and of `go` lie between the same layers."""
    at: dict[int, list[int]] = {}
    for m, layer in enumerate(go):
        at.setdefault(layer, []).append(m)
    return [(j, m) for j, layer in enumerate(come) for m in at.get(layer, ())]


def _cheapest(beside: Array, between: Array, last: bool) -> Array:
    """The gaps of the cheapest way through the layers; of equal ones the first, or the last."""
    if last:
        return np.asarray(beside.shape[1] - 1 - _cheapest(beside[:, ::-1], between[:, ::-1, ::-1], False))
    k = len(beside)
    onward = np.empty_like(beside)
    onward[-1] = beside[-1]
    for i in range(k - 2, -1, -1):
        np.add((between[i] + onward[i + 1]).min(axis=1), beside[i], out=onward[i])
    way = [int(onward[0].argmin())]
    if k > 1:
        following = (between + onward[1:, None, :]).argmin(axis=2).tolist()
        for row in following:
            way.append(row[way[-1]])
    return np.array(way, np.int64)


def weights(graph: Proper, source: Array, target: Array) -> Array:
    """(links,) how many edges run through each link, as a crossed chain is a crossing for each of its edges."""
    ends = [0] * len(graph.rank)
    made = [1] * len(source)
    pairs = list(zip(source.tolist(), target.tolist(), strict=True))
    for k in range(len(pairs) - 1, -1, -1):
        s, t = pairs[k]
        if t >= graph.n:
            made[k] = ends[t]
        if s >= graph.n:
            ends[s] += made[k]
    return np.array(made, np.int64)


def _paths(graph: Proper) -> list[tuple[int, ...]]:
    """For each node, and each way in, the path through it as far as nothing else joins or leaves, with its own chain."""
    into: list[list[int]] = [[] for _ in graph.rank]
    out: list[list[int]] = [[] for _ in graph.rank]
    chain: dict[int, int] = {}  # the dummy that follows
    for s, t in graph.links.tolist():
        into[t].append(s)
        out[s].append(t)
        if t >= graph.n:
            chain[s] = t
    found: dict[tuple[int, ...], None] = {}
    for v in range(graph.n):
        tail = [v]
        while True:
            at = tail[-1]
            if at in chain:
                tail.append(chain[at])
            elif len(out[at]) == 1 and len(into[out[at][0]]) == 1:
                tail.append(out[at][0])
            else:
                break
        for at in into[v] or [-1]:
            head: list[int] = []
            while at >= 0 and len(out[at]) == 1 and len(into[at]) < 2:
                head.append(at)
                at = into[at][0] if into[at] else -1
            found[(*reversed(head), *tail)] = None
    return list(found)
