"""Shared leaves: a parameter that many ops read is drawn as a small chip at each use.

With one card, an unrolled RNN is a tangle that no algorithm draws well; with chips it has no crossings.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]


class SplitGraph(NamedTuple):
    """The graph with chips.

    Attributes:
        edges: (m, 2) with the sources of split edges replaced by chips, numbered from n on.
        owner: (chips,) the leaf that each chip stands for.
    """

    edges: Array
    owner: Array


def split_shared(edges: Array, is_leaf: Array, graded: Array | None = None, threshold: int = 3) -> SplitGraph:
    """Give every leaf that more than `threshold` edges leave a chip for each use but one: the first that a gradient comes back from.

    Args:
        edges: (m, 2) int.
        is_leaf: (n,) bool.
        graded: (m,) bool, the edges that a gradient comes back along; None: all.
    """
    edges = np.asarray(edges, np.int64).reshape(-1, 2).copy()
    n = len(is_leaf)
    uses = np.bincount(edges[:, 0], minlength=n)
    split = np.asarray(is_leaf, np.bool_) & (uses > threshold)
    owner: list[int] = []
    home: dict[int, int] = {}  # the edge that leaves the card itself
    for k in [*(np.flatnonzero(graded).tolist() if graded is not None else ()), *range(len(edges))]:
        home.setdefault(int(edges[k, 0]), k)
    for k, (source, _) in enumerate(edges.tolist()):
        if split[source] and home[source] != k:
            edges[k, 0] = n + len(owner)
            owner.append(source)
    return SplitGraph(edges, np.array(owner, np.int64))
