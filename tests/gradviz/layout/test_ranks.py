"""Columns: what a step of an unrolled network reads and makes stands beside that step."""

from __future__ import annotations

import numpy as np

from gradviz.layout.ranks import ranks

STEPS = 20


def unrolled() -> tuple[int, list[tuple[int, int]]]:
    """Steps that read an input twice and the state before; a loss from each state, added up."""
    edges: list[tuple[int, int]] = []
    state, total, n = 0, -1, 1
    for _ in range(STEPS):
        given, one, other, mixed, made, square, mean = range(n, n + 7)
        edges += [(given, one), (given, other), (state, mixed), (one, mixed), (mixed, made), (other, made), (made, square), (square, mean)]
        n += 7
        if total >= 0:
            edges += [(total, n), (mean, n)]
            total, n = n, n + 1
        else:
            total = mean
        state = made
    return n, edges


def test_every_step_of_an_unrolled_network_stands_together() -> None:
    n, pairs = unrolled()
    edges = np.array(pairs, np.int64)
    rank = ranks(n, edges)
    spans = rank[edges[:, 1]] - rank[edges[:, 0]]
    assert spans.min() == 1
    assert spans.max() <= 4
    assert rank.min() == 0


def test_a_small_part_that_nothing_connects_begins_in_the_first_column() -> None:
    n, pairs = unrolled()
    edges = np.array([*pairs, (n, n + 1), (n + 1, n + 2)], np.int64)
    rank = ranks(n + 3, edges)
    assert rank[:n].tolist() == ranks(n, np.array(pairs, np.int64)).tolist()
    assert rank[n:].tolist() == [0, 1, 2]
