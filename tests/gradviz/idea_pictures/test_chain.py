"""Jacobian grids and the chain rule: what is multiplied out is what backward wrote."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.debugger.derivation.jacobian import summed_to
from gradviz.idea_pictures import chain as chains
from gradviz.idea_pictures.jacobian import Jacobian, firing_near, fits, jacobians
from gradviz.recording.event import Kind

from .scripts import BEHIND, BY_HAND, LINE, PLAIN, THREE, TWO_WAYS, VECTOR, XOR, opened


def grids(source: str) -> list[Jacobian]:
    """All grids of a recording."""
    session = opened(source)
    return [grid for row in session.recording.events_of_kind(Kind.VJP) for grid in jacobians(session, int(row))]


@pytest.mark.parametrize("source", [LINE, XOR, THREE, VECTOR, BY_HAND], ids=["line", "xor", "three", "vector", "by hand"])
def test_v_times_the_grid_is_what_the_node_handed_on(source: str) -> None:
    found = grids(source)
    assert len(found) >= 5
    for grid in found:
        assert grid.matrix.shape == (grid.v.size, grid.recorded.size)
        assert np.allclose(grid.product, grid.recorded, rtol=1e-4, atol=1e-6), grid.grad_fn


def test_grids_are_the_textbooks() -> None:
    by_name = {grid.grad_fn: grid for grid in grids(VECTOR)}
    x = np.array([1.0, -2.0, 0.0, 3.0])
    s = np.exp(x) / np.exp(x).sum()
    softmax = by_name["SoftmaxBackward0"]
    assert np.allclose(softmax.matrix, np.diag(s) - np.outer(s, s), atol=1e-6) and not softmax.is_diagonal
    relu = by_name["ReluBackward0"]
    assert np.array_equal(relu.matrix, np.diag([1.0, 0.0, 0.0, 1.0])) and relu.is_diagonal
    assert np.array_equal(by_name["SumBackward0"].matrix, np.ones((1, 2)))


def test_a_broadcast_input_gets_the_sum() -> None:
    grid = next(g for g in grids(VECTOR) if g.input_shape == (3,) and g.output_shape == (2, 3))
    assert grid.matrix.shape == (6, 3)
    assert grid.matrix.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 2], [3, 0, 0], [0, 4, 0], [0, 0, 5]]
    assert summed_to(np.ones((2, 3)), (3, 1)) is None and summed_to(np.ones(3), (2, 3)) is None


def test_the_firing_near_a_moment() -> None:
    session = opened(TWO_WAYS)
    rows = session.recording.events_of_kind(Kind.VJP).tolist()
    assert firing_near(session, -1) == rows[0] and firing_near(session, rows[1]) == rows[1] and firing_near(session, 10**6) == rows[-1]
    assert firing_near(opened(PLAIN), 1) is None and not fits(opened(PLAIN)) and fits(session)


def test_a_scalar_chain_with_several_ways_adds_up() -> None:
    """d = (a² + 3a) a²: its derivative at 2 is 4a³ + 9a² = 68, over five ways."""
    session = opened(TWO_WAYS)
    (leaf,) = chains.leaves(session, session.position)
    found = chains.chain(session, session.position, leaf)
    assert found is not None and all(factor.matrix.size == 1 for way in found.ways for factor in way.factors)
    assert len(found.ways) == 5
    assert float(found.total[0]) == 68.0 == float(found.recorded[0])
    assert sum(float(way.product[0]) for way in found.ways) == 68.0
    for way in found.ways:
        assert float(way.product[0]) == pytest.approx(np.prod([f.matrix.item() for f in way.factors]))
        assert way.names[0] == "d" and way.names[-1] == "a" and len(way.symbols) == len(way.factors)


@pytest.mark.parametrize("source", [LINE, XOR, THREE, BY_HAND], ids=["line", "xor", "three", "by hand"])
def test_ways_add_up_to_what_the_pass_wrote(source: str) -> None:
    session = opened(source)
    looked = 0
    for leaf in chains.leaves(session, session.position):
        found = chains.chain(session, session.position, leaf)
        if found is not None:
            looked += 1
            assert np.allclose(found.total, found.recorded, rtol=1e-3, atol=1e-6)
    assert looked and chains.fits(session)


def test_it_fills_while_the_pass_runs() -> None:
    session = opened(LINE)
    leaf = session.leaves()[0]
    begin = int(session.recording.events_of_kind(Kind.BACKWARD_BEGIN)[2])
    end = int(session.recording.events_of_kind(Kind.BACKWARD_END)[2])
    reached = []
    for position in range(begin, end + 1):
        found = chains.chain(session, position, leaf)
        assert found is not None and found.pass_ == 2
        reached.append(found.reached[0])
    assert reached == sorted(reached) and (reached[0], reached[-1]) == (0, 5)


def test_a_saved_value_changed_behind_autograds_back_shows() -> None:
    """y = (2x)²: its derivative at 3 is 24; with h overwritten through .data backward writes ten times that."""
    session = opened(BEHIND)
    (leaf,) = chains.leaves(session, session.position)
    found = chains.chain(session, session.position, leaf)
    assert found is not None and not found.agrees
    assert (float(found.total[0]), float(found.recorded[0])) == (24.0, 240.0)
    honest = chains.chain(opened(TWO_WAYS), 10**6, chains.leaves(opened(TWO_WAYS), 0)[0])
    assert honest is not None and honest.agrees
