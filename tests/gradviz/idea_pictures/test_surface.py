"""The loss surface: at the path's points it is the recorded loss, elsewhere it is the formula."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.idea_pictures import surface as surfaces
from gradviz.idea_pictures.program import Program

from .scripts import BY_HAND, IN_PLACE, LINE, PLAIN, XOR, opened


def test_the_surface_passes_through_the_recorded_losses() -> None:
    session = opened(LINE)
    w, b = surfaces.coordinates(session)
    assert (w.name, b.name) == ("w", "b")
    found = surfaces.surface(session, session.position, w, b, 9)
    assert found is not None and found.exact and len(found.path) == 8 and found.now == 7
    evaluate = surfaces.Evaluator(Program.of(session, found.events[0]), w, b)  # type: ignore[arg-type]
    for x, y, loss in found.path.tolist():
        assert evaluate(x, y) == pytest.approx(loss, rel=1e-4)
    assert (np.diff(found.path[:, 2]) <= 0).all()  # each step lowered the loss


def test_each_point_is_the_formula() -> None:
    session = opened(LINE)
    w, b = surfaces.coordinates(session)
    found = surfaces.surface(session, session.position, w, b, 7)
    assert found is not None and found.loss.shape == (7, 7)
    x = np.linspace(-1, 1, 16)
    for row, y_value in enumerate(found.ys):
        for column, x_value in enumerate(found.xs):
            wanted = np.mean((x_value * x + y_value - (2 * x - 0.5)) ** 2)
            assert found.loss[row, column] == pytest.approx(wanted, rel=1e-4)
    assert found.xs[0] < found.path[:, 0].min() and found.xs[-1] > found.path[:, 0].max()
    assert found.ys[0] < found.path[:, 1].min() and found.ys[-1] > found.path[:, 1].max()


def test_the_path_starts_where_the_script_starts_and_follows_the_moment() -> None:
    session = opened(LINE)
    w, b = surfaces.coordinates(session)
    path, events = surfaces.path_of(session, session.position, w, b)
    assert path[0, :2].tolist() == [-1.0, 1.0]
    here = surfaces.surface(session, events[2], w, b, 3)
    assert here is not None and here.now == 2
    before = surfaces.surface(session, -1, w, b, 3)
    assert before is not None and before.now == -1


def test_entries_of_one_vector_can_be_chosen() -> None:
    session = opened(BY_HAND)
    x, y = surfaces.coordinates(session)
    assert (x.name, y.name) == ("w[0]", "w[1]")
    found = surfaces.surface(session, session.position, x, y, 5)
    assert found is not None and found.exact
    wanted = found.xs[None, :] ** 2 + found.ys[:, None] ** 2 + 3 * found.xs[None, :]
    assert np.allclose(found.loss, wanted, rtol=1e-4, atol=1e-4)


def test_with_other_parameters_moving_it_says_that_it_is_a_cut() -> None:
    session = opened(XOR)
    found = surfaces.coordinates(session)
    assert len(found) == 33
    made = surfaces.surface(session, session.position, found[0], found[1], 5)
    assert made is not None and not made.exact
    last = surfaces.Evaluator(Program.of(session, made.events[-1]), found[0], found[1])  # type: ignore[arg-type]
    assert last(*made.path[-1, :2]) == pytest.approx(made.path[-1, 2], rel=1e-5)


def test_it_fits_loops_with_two_numbers_only() -> None:
    assert surfaces.fits(opened(LINE)) and surfaces.fits(opened(XOR))
    assert not surfaces.fits(opened(PLAIN)) and not surfaces.fits(opened(IN_PLACE))
