"""Paths moved as a whole: never more crossings, each layer keeps its nodes, a line on the wrong side is carried over."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.layout.chains import Proper, proper
from gradviz.layout.order import order
from gradviz.layout.ranks import ranks
from gradviz.layout.reroute import Router


@st.composite
def propers(draw: st.DrawFn) -> Proper:
    """Graphs of up to 24 nodes with their chains of dummies."""
    n = draw(st.integers(2, 24))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    edges = np.array(draw(st.lists(pairs, min_size=1, max_size=50, unique=True)), np.int64)
    return proper(n, edges, ranks(n, edges))


def as_numbered(graph: Proper) -> list[list[int]]:
    return [np.flatnonzero(graph.rank == k).tolist() for k in range(int(graph.rank.max()) + 1)]


def counted(graph: Proper, layers: list[list[int]]) -> int:
    """Pairs of edges that cross, each edge followed through its dummies, one pair at a time."""
    place = {v: k for layer in layers for k, v in enumerate(layer)}
    out: dict[int, list[int]] = {}
    for s, t in graph.links.tolist():
        out.setdefault(s, []).append(t)

    def edges_into(v: int) -> int:
        return 1 if v < graph.n else sum(edges_into(u) for u in out[v])

    total = 0
    for (a, b), (c, d) in combinations([tuple(link) for link in graph.links.tolist()], 2):
        if graph.rank[a] == graph.rank[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0:
            total += edges_into(b) * edges_into(d)
    return total


@settings(deadline=None, max_examples=80)
@given(propers(), st.booleans())
def test_a_pass_never_adds_crossings_and_loses_no_node(graph: Proper, last: bool) -> None:
    layers = as_numbered(graph)
    router = Router(graph, layers)
    before = router.crossings()
    assert before == counted(graph, layers)
    router.pass_over(last, 1e9)
    made = router.layers()
    assert [sorted(layer) for layer in made] == layers
    assert router.crossings() == counted(graph, made) <= before


@settings(deadline=None, max_examples=60)
@given(propers(), st.booleans())
def test_a_path_is_put_where_no_other_gaps_are_better(graph: Proper, last: bool) -> None:
    """Checked for each pair of places that the nodes of a short path may take."""
    layers = as_numbered(graph)
    router = Router(graph, layers)
    for nodes in router.paths[:6]:
        if len(nodes) > 2:
            continue
        router.stand(layers)
        router.move(nodes, last)
        found = router.crossings()
        rest = [[v for v in layer if v not in nodes] for layer in layers]
        spots = [range(len(rest[int(graph.rank[v])]) + 1) for v in nodes]
        for gaps in product(*spots):
            tried = [list(layer) for layer in rest]
            for v, gap in zip(nodes, gaps, strict=True):
                tried[int(graph.rank[v])].insert(gap, v)
            router.stand(tried)
            assert router.crossings() >= found


@settings(deadline=None, max_examples=40)
@given(propers())
def test_the_same_graph_gets_the_same_order(graph: Proper) -> None:
    assert order(graph) == order(graph)


def test_a_long_edge_on_the_wrong_side_is_carried_over_as_a_whole() -> None:
    # a trunk of seven nodes with a long edge from 0 to 6 and a leaf hung on each inner node, all on the long edge's side
    trunk = [(k, k + 1) for k in range(6)]
    leaves = [(k, 6 + k) for k in range(1, 5)]
    edges = np.array([*trunk, (0, 6), *leaves], np.int64)
    rank = np.array([0, 1, 2, 3, 4, 5, 6, 2, 3, 4, 5])
    graph = proper(11, edges, rank)
    dummies = {int(graph.rank[v]): v for v in range(11, len(graph.rank))}
    layers = [[k] if k in (0, 6) else [k, dummies[k], *([k + 5] if k > 1 else [])] for k in range(7)]
    router = Router(graph, layers)
    assert router.crossings() == counted(graph, layers) == 4
    router.pass_over(False, 1e9)
    assert router.crossings() == 0


def test_cancelling_leaves_the_order_as_it_was() -> None:
    edges = np.array([(0, 3), (1, 2)], np.int64)
    graph = proper(4, edges, np.array([0, 0, 1, 1]))
    router = Router(graph, [[0, 1], [2, 3]])
    router.pass_over(False, 1e9, lambda: True)
    assert router.layers() == [[0, 1], [2, 3]]
    router.pass_over(False, 1e9)
    assert router.crossings() == 0
