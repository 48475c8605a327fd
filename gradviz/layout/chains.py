"""Long edges: one chain of dummies for each source, shared by all of its long edges.

An unrolled RNN has hundreds of edges from one parameter; a chain an edge would mean hundreds of thousands of dummies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class Proper(NamedTuple):
    """A graph whose edges go from one layer to the next.

    Attributes:
        rank: (n + dummies,) layer of each node; the dummies come after the n real nodes.
        links: (k, 2) edges between neighbouring layers.
        paths: for each original edge the dummies that it runs through, in order.
    """

    n: int
    rank: Array
    links: Array
    paths: list[list[int]]


def proper(n: int, edges: Array, rank: Array) -> Proper:
    """Insert the chains of dummies."""
    all_ranks = rank.tolist()
    chains: dict[int, list[int]] = {}
    links: dict[tuple[int, int], None] = {}
    paths: list[list[int]] = []
    order = sorted(range(len(edges)), key=lambda k: -all_ranks[int(edges[k, 1])])
    found: dict[int, list[int]] = {}
    for k in order:
        s, t = int(edges[k, 0]), int(edges[k, 1])
        span = all_ranks[t] - all_ranks[s] - 1
        chain = chains.setdefault(s, [])
        while len(chain) < span:
            all_ranks.append(all_ranks[s] + 1 + len(chain))
            made = len(all_ranks) - 1
            links[(chain[-1] if chain else s, made)] = None
            chain.append(made)
        path = chain[:span]
        links[(path[-1] if path else s, t)] = None
        found[k] = path
    paths = [found[k] for k in range(len(edges))]
    made_links = np.array(list(links), np.int64).reshape(-1, 2)
    return Proper(n, np.array(all_ranks, np.int64), made_links, paths)
