"""The loss over one number: curve, steps and slope against the formula."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.idea_pictures import surface as surfaces
from gradviz.idea_pictures import valley as valleys
from gradviz.recording.event import Kind

from .scripts import LINE, LOOPS, PLAIN, RATE, opened


def test_the_steps_lie_on_the_curve_and_the_curve_is_the_formula() -> None:
    session = opened(RATE)
    (x,) = surfaces.coordinates(session)
    assert x.name == "w"
    found = valleys.valley(session, session.position, x)
    assert found is not None and found.exact and len(found.path) == 6
    assert np.allclose(found.loss, found.xs**2, rtol=1e-4, atol=1e-6)
    assert np.allclose(found.path[:, 0], 2.0 * (1 - 2 * 1.1) ** np.arange(6), rtol=1e-4)  # lr 1.1: ever further
    assert np.allclose(found.path[:, 1], found.path[:, 0] ** 2, rtol=1e-4)


def test_the_slope_is_the_gradient_of_the_pass() -> None:
    session = opened(LINE)
    w, _ = surfaces.coordinates(session)
    for row in session.recording.events_of_kind(Kind.BACKWARD_END).tolist():
        found = valleys.valley(session, row, w, 5)
        grad = session.inspect(w.leaf)
        session.seek(row)
        grad = session.inspect(w.leaf)
        assert found is not None and grad is not None and grad.grad is not None and grad.grad.array is not None
        assert found.slope == pytest.approx(float(grad.grad.array), rel=2e-2, abs=2e-3)


def test_with_other_numbers_moving_it_is_a_cut() -> None:
    session = opened(LINE)
    w, _ = surfaces.coordinates(session)
    found = valleys.valley(session, session.position, w, 5)
    assert found is not None and not found.exact
    assert valleys.fits(session) and not valleys.fits(opened(PLAIN))


def test_of_several_loops_it_is_the_one_of_the_moment() -> None:
    session = opened(LOOPS)
    names = []
    for row in (session.recording.events_of_kind(Kind.BACKWARD_END)[k] for k in (1, 5)):
        (x,) = surfaces.coordinates(session, int(row))
        found = valleys.valley(session, int(row), x, 5)
        assert found is not None and found.exact and len(found.path) == 3 and found.now in (1, 2)
        names.append(x.name)
    assert names == ["slow", "wild"]
