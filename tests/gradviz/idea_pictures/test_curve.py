"""Curves of activations: points lie on them, slopes are those of difference quotients."""

from __future__ import annotations

import numpy as np

from gradviz.idea_pictures import curve as curves

from .scripts import LINE, PLAIN, VECTOR, XOR, opened


def test_points_lie_on_the_curve_and_slopes_are_right() -> None:
    session = opened(XOR)
    (node,) = [n for n in curves.activations(session) if n.op == "tanh"]
    found = curves.curve(session, session.position, node.id)
    assert found is not None and found.count == 32 and len(found.x) == 32
    assert np.allclose(found.y, np.tanh(found.x), atol=1e-6)
    assert np.allclose(found.steep, 1 - np.tanh(found.x) ** 2, atol=1e-6)
    assert np.allclose(found.slope, np.gradient(found.value, found.grid), atol=2e-2)
    assert found.grid[0] <= found.x.min() and found.x.max() <= found.grid[-1]


def test_relu_has_flat_units_and_pytorchs_slope_at_the_kink() -> None:
    session = opened(VECTOR)
    (node,) = [n for n in curves.activations(session) if n.op == "relu"]
    found = curves.curve(session, session.position, node.id)
    assert found is not None
    assert found.x.tolist() == [1, -2, 0, 3] and found.steep.tolist() == [1, 0, 0, 1] and found.flat == 2


def test_the_points_are_those_of_the_moment() -> None:
    session = opened(XOR)
    (node,) = [n for n in curves.activations(session) if n.op == "tanh"]
    first, last = int(session.trace.made[node.id][0]), int(session.trace.made[node.id][-1])
    early, late = curves.curve(session, first, node.id), curves.curve(session, last, node.id)
    assert early is not None and late is not None and not np.array_equal(early.x, late.x)


def test_straight_and_many_valued_ops_have_no_curve() -> None:
    assert [n.op for n in curves.activations(opened(LINE))] == ["pow"]
    assert "softmax" not in [n.op for n in curves.activations(opened(VECTOR))]
    assert not curves.fits(opened(PLAIN))
