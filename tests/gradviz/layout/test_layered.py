"""The layered layout: arrows run one way, nothing overlaps, the same graph gives the same numbers, growth moves little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.layout import layered, split_shared
from gradviz.layout.insert import insert

SIZE = (150.0, 90.0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """Graphs without circles of up to 30 nodes."""
    n = draw(st.integers(1, 30))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    edges = draw(st.lists(pairs, max_size=60, unique=True)) if n > 1 else []
    return n, edges


def sizes_of(n: int) -> np.ndarray:
    return np.tile(SIZE, (n, 1))


def overlapping(positions: np.ndarray, sizes: np.ndarray) -> list[tuple[int, int]]:
    found = []
    for a in range(len(positions)):
        for b in range(a + 1, len(positions)):
            if (np.abs(positions[a] + sizes[a] / 2 - positions[b] - sizes[b] / 2) < (sizes[a] + sizes[b]) / 2 - 1e-6).all():
                found.append((a, b))
    return found


@settings(deadline=None, max_examples=80)
@given(graphs(), st.sampled_from(["LR", "TB"]))
def test_arrows_run_one_way_and_no_card_covers_another(graph: tuple[int, list[tuple[int, int]]], direction: str) -> None:
    n, edges = graph
    made = layered(sizes_of(n), np.array(edges, np.int64).reshape(-1, 2), direction=direction)
    axis = 0 if direction == "LR" else 1
    for source, target in edges:
        assert made.positions[source, axis] + SIZE[axis] < made.positions[target, axis]
    assert overlapping(made.positions, made.sizes) == []
    assert len(made.routes) == len(edges)
    assert made.positions.min(initial=0) >= 0


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_the_same_graph_gives_the_same_numbers(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    first, second = layered(sizes_of(n), pairs), layered(sizes_of(n), pairs)
    assert (first.positions == second.positions).all()


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_what_stood_stays_where_a_node_is_added(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    before = layered(sizes_of(n), np.array(edges, np.int64).reshape(-1, 2))
    after = insert(before, sizes_of(n + 1), np.array([*edges, (n - 1, n)], np.int64).reshape(-1, 2))
    assert (after.positions[:n] - after.positions[0] == before.positions - before.positions[0]).all()
    assert overlapping(after.positions, after.sizes) == []


def test_a_chain_is_a_straight_line() -> None:
    made = layered(sizes_of(6), np.array([(k, k + 1) for k in range(5)]))
    assert len(set(made.positions[:, 1].tolist())) == 1


def test_the_ends_of_a_diamond_lie_within_its_branches() -> None:
    made = layered(sizes_of(4), np.array([(0, 1), (0, 2), (1, 3), (2, 3)]))
    y = made.positions[:, 1]
    assert min(y[1], y[2]) <= y[0] <= max(y[1], y[2])
    assert min(y[1], y[2]) <= y[3] <= max(y[1], y[2])


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"circle|cycle"):
        layered(sizes_of(2), np.array([(0, 1), (1, 0)]))


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="LR or TB"):
        layered(sizes_of(1), np.zeros((0, 2), np.int64), direction="up")


def test_a_leaf_that_many_read_is_drawn_again_near_them() -> None:
    edges = np.array([(0, k) for k in range(1, 8)])
    split = split_shared(edges, np.array([True] + [False] * 7))
    assert len(split.owner) > 0
    assert set(split.owner.tolist()) == {0}
    assert split.edges[:, 1].tolist() == edges[:, 1].tolist()


def test_the_card_of_a_leaf_stands_where_its_gradient_comes_from() -> None:
    edges = np.array([(0, k) for k in range(1, 6)])
    split = split_shared(edges, np.array([True] + [False] * 5), np.array([False, False, True, True, False]))
    assert split.edges[:, 0].tolist() == [6, 7, 0, 8, 9]
