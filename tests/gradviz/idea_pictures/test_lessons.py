"""Every picture of every lesson's recording: none fails, and what can be checked against the recording agrees with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.session import Session
from gradviz.idea_pictures import boundary, chain, curve, jacobian, ridges, surface, valley
from gradviz.lessons import shelf
from gradviz.recording.file.gvrec import load

DATA = Path(shelf.__file__).parent / "data"
UNSEEN = {"15_five_ways"}  # a lesson on writes through `.data`: there the chain rule and .grad differ, which is its point


@pytest.mark.parametrize("file", sorted(DATA.glob("*.gvrec")), ids=lambda f: f.stem)
def test_pictures_of_a_lesson(file: Path) -> None:
    session = Session(load(str(file)))
    for position in (-1, session.length // 2, session.length - 1):
        event = jacobian.firing_near(session, position)
        for grid in jacobian.jacobians(session, event) if event is not None else ():
            assert np.allclose(grid.product, grid.recorded, rtol=1e-3, atol=1e-5, equal_nan=True)
        for leaf in chain.leaves(session, position)[:3]:
            found = chain.chain(session, position, leaf)
            assert found is None or found.agrees or file.stem in UNSEEN
        for node in curve.activations(session)[:3]:
            drawn = curve.curve(session, position, node.id)
            assert drawn is None or len(drawn.x) == len(drawn.steep) <= drawn.count
        numbers = surface.coordinates(session, position)
        if valley.fits(session):
            assert valley.valley(session, position, numbers[0], 5) is not None
        if surface.fits(session) and len(numbers) > 1:
            assert surface.surface(session, position, numbers[0], numbers[1], 5) is not None
        if boundary.fits(session):
            assert boundary.boundary(session, position, 5) is not None
    if ridges.fits(session):
        assert ridges.ridges(session) is not None


def test_the_lessons_that_are_about_a_picture_have_it() -> None:
    def of(name: str) -> Session:
        return Session(load(str(next(DATA.glob(f"*{name}.gvrec")))))

    assert boundary.fits(of("xor")) and surface.fits(of("regression")) and valley.fits(of("learning_rate"))
    assert chain.fits(of("chain_rule")) and jacobian.fits(of("04_vector")) and ridges.fits(of("vanishing")) and curve.fits(of("kinks"))


def test_optimizers_that_begin_at_one_place_have_their_paths_side_by_side() -> None:
    session = Session(load(str(DATA / "23_momentum.gvrec")))
    position = session.length - 1
    names = {one.name: one for one in surface.coordinates(session, position)}
    found = surface.surface(session, position, names["m[0]"], names["m[1]"], 5)
    assert found is not None
    assert [other.name for other in found.beside] == ["p", "q"]
    for other in found.beside:
        assert other.path.shape == (len(found.path), 2)
        assert (other.path[0] == found.path[0, :2]).all() and (other.path[-1] != found.path[-1, :2]).any()
        assert found.xs[0] < other.path[:, 0].min() and other.path[:, 0].max() < found.xs[-1], "it lies in the picture"
    mixed = surface.surface(session, position, names["m[0]"], names["p[1]"], 5)
    assert mixed is not None and mixed.beside == ()
