"""The decision boundary: the model's own output over the plane, at the parameters of the moment."""

from __future__ import annotations

import numpy as np

from gradviz.idea_pictures import boundary as boundaries
from gradviz.idea_pictures.losses import training_losses
from gradviz.recording.event import Kind

from .scripts import BY_HAND, LINE, THREE, XOR, opened


def parameters(session: object, at: int) -> list[np.ndarray]:
    """The parameters as they are after an event."""
    trace = session.trace  # type: ignore[attr-defined]
    found = []
    for leaf in session.leaves():  # type: ignore[attr-defined]
        location = trace.event(int(trace.made[leaf][0])).writes[0].location
        found.append(np.asarray(trace.picture(trace.value_at(location, at)).array, np.float64))
    return found


def test_each_score_is_the_models_output() -> None:
    session = opened(XOR)
    found = boundaries.boundary(session, session.position, 7)
    assert found is not None
    w1, b1, w2, b2 = parameters(session, session.position)
    for i, y in enumerate(found.ys):
        for j, x in enumerate(found.xs):
            wanted = np.tanh(np.array([x, y]) @ w1.T + b1) @ w2.T + b2
            assert np.allclose(found.score[i, j], wanted, atol=1e-4)
    assert np.array_equal(found.leads[0], found.score)
    assert found.level == 0.0 and found.labels.tolist() == [0, 1, 1, 0]
    assert found.data.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_training_brings_the_points_to_their_sides() -> None:
    session = opened(XOR)
    begin, end = (boundaries.boundary(session, at) for at in (training_losses(session)[0], session.position))
    assert begin is not None and end is not None
    assert end.right == 4 and begin.right < 4
    assert not np.array_equal(begin.score, end.score)


def test_it_moves_with_each_optimizer_step_and_only_then() -> None:
    session = opened(XOR)
    step = int(session.recording.events_of_kind(Kind.OPTIMIZER_STEP)[8])
    before, after = (boundaries.boundary(session, at, 5) for at in (step - 1, step))
    assert before is not None and after is not None and not np.array_equal(before.score, after.score)
    forward = training_losses(session)[5]
    quiet = [boundaries.boundary(session, at, 5) for at in (forward, forward + 3)]
    assert quiet[0] is not None and quiet[1] is not None and np.array_equal(quiet[0].score, quiet[1].score)


def test_of_three_classes_the_largest_output_wins() -> None:
    session = opened(THREE)
    found = boundaries.boundary(session, session.position, 6)
    assert found is not None and np.isnan(found.level) and len(found.leads) == 3
    w, b = parameters(session, session.position)
    grid = np.stack([a.reshape(-1) for a in np.meshgrid(found.xs, found.ys)], axis=1)
    assert np.array_equal(found.score.reshape(-1), (grid @ w.T + b).argmax(axis=1))
    ahead = np.stack([lead.reshape(-1) for lead in found.leads], axis=1)
    assert np.array_equal(ahead.argmax(axis=1), found.score.reshape(-1)) and np.array_equal((ahead > 0).sum(axis=1), np.ones(36))
    assert found.right == np.count_nonzero((found.data @ w.T + b).argmax(axis=1) == found.labels)


def test_it_fits_classifiers_of_the_plane_only() -> None:
    assert boundaries.fits(opened(XOR)) and boundaries.fits(opened(THREE))
    assert not boundaries.fits(opened(LINE)) and not boundaries.fits(opened(BY_HAND))
