"""Which column a node stands in: longest path, from the front or from the back, with shortened edges."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_ROUNDS = 12


def ranks(n: int, edges: Array) -> Array:
    """(n,) int64 column of each node, every edge going to a higher one.

    From the front, what an unrolled network computes from each step's input alone would stand in the first columns, far
    from its step; from the back it stands beside it. Whichever leaves the shorter edges is taken.

    Raises:
        ValueError: the edges form a circle; names the nodes on it.
    """
    if not len(edges):
        return np.zeros(n, np.int64)
    front = _longest(n, edges)
    back = _longest(n, edges[:, ::-1])
    back = _shortened(_from_the_left(back.max() - back, edges), edges)
    return front if _span(front, edges) <= _span(back, edges) else back


def _from_the_left(rank: Array, edges: Array) -> Array:
    """Each part that no edge connects to the rest begins in the first column.

    Counted from the back, a small one would stand beside the end of a large one.
    """
    part = np.arange(len(rank))
    while True:
        least = part.copy()
        np.minimum.at(least, edges[:, 0], part[edges[:, 1]])
        np.minimum.at(least, edges[:, 1], part[edges[:, 0]])
        least = least[least]  # a label's own label: long chains take few rounds
        if np.array_equal(least, part):
            break
        part = least
    begins = np.full(len(rank), np.iinfo(np.int64).max)
    np.minimum.at(begins, part, rank)
    return np.asarray(rank - begins[part])


def _span(rank: Array, edges: Array) -> int:
    return int((rank[edges[:, 1]] - rank[edges[:, 0]]).sum())


def _longest(n: int, edges: Array) -> Array:
    """By the longest path from a source, each source right before its first consumer, and then with shortened edges."""
    rank = np.zeros(n, np.int64)
    source, target = edges[:, 0], edges[:, 1]
    by_source = np.argsort(source, kind="stable")
    starts = np.searchsorted(source[by_source], np.arange(n + 1))
    missing = np.bincount(target, minlength=n)
    frontier = np.flatnonzero(missing == 0)
    done, level = 0, 0
    while len(frontier):
        rank[frontier] = level
        done += len(frontier)
        spans = [by_source[starts[v] : starts[v + 1]] for v in frontier.tolist()]
        reached = target[np.concatenate(spans)] if spans else np.zeros(0, np.int64)
        counts = np.bincount(reached, minlength=n)
        missing -= counts
        frontier = np.flatnonzero((missing == 0) & (counts > 0))
        level += 1
    if done < n:
        raise ValueError(f"the graph has a circle through the nodes {np.flatnonzero(missing > 0).tolist()[:20]}")
    # a source stands right before its first consumer
    first_use = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first_use, source, rank[target])
    sources = (np.bincount(target, minlength=n) == 0) & (first_use < np.iinfo(np.int64).max)
    rank[sources] = first_use[sources] - 1
    return _shortened(rank, edges)


def _shortened(rank: Array, edges: Array) -> Array:
    """Shorten edges: a node with more edges on one side than on the other moves to that side, as far as it can.

    (The full answer is a network simplex, as in Gansner and others, "A technique for drawing directed graphs", 1993; moving
    one node at a time finds nearly as short edges on graphs of computations.)
    """
    n = len(rank)
    into: list[list[int]] = [[] for _ in range(n)]
    out: list[list[int]] = [[] for _ in range(n)]
    for s, t in edges.tolist():
        out[s].append(t)
        into[t].append(s)
    at = rank.tolist()
    nodes = sorted(range(n), key=at.__getitem__)
    for round_ in range(_ROUNDS):
        moved = False
        for v in nodes if round_ % 2 else reversed(nodes):
            pull = len(out[v]) - len(into[v])
            if pull > 0 and out[v]:
                wanted = min([at[t] for t in out[v]]) - 1
            elif into[v] and (pull < 0 or (pull == 0 and round_ % 2)):  # a move that gains nothing makes room for what follows
                wanted = max([at[s] for s in into[v]]) + 1
            else:
                continue
            if wanted != at[v]:
                at[v], moved = wanted, True
        if not moved and round_ % 2:
            break
    found = np.array(at, np.int64)
    return found - found.min() if n else found
