"""Values computed again from a recording, with the same and with other numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.idea_pictures.losses import loss_before, loss_events, training_losses
from gradviz.idea_pictures.program import Program

from .scripts import BY_HAND, IN_PLACE, LINE, PARTED, PLAIN, THREE, XOR, opened


@pytest.mark.parametrize("source", [LINE, XOR, THREE, BY_HAND], ids=["line", "xor", "three", "by hand"])
def test_the_recorded_numbers_give_the_recorded_loss_bit_for_bit(source: str) -> None:
    session = opened(source)
    for event in training_losses(session):
        program = Program.of(session, event)
        assert program is not None
        again = program.run({place: program.values[place] for place in program.leaves})
        assert again is not None and np.array_equal(again, program.values[program.result])


def test_other_numbers_give_what_the_formula_gives() -> None:
    session = opened(LINE)
    program = Program.of(session, training_losses(session)[0])
    assert program is not None
    w, b = (
        program.place_of(session.recording.event(int(session.trace.made[leaf][0])).writes[0].location >> 24) for leaf in session.leaves()
    )
    x = np.linspace(-1, 1, 16)
    found = program.run({w: np.array(0.25, dtype=np.float32), b: np.array(-3.0, dtype=np.float32)})
    assert found is not None
    assert float(found) == pytest.approx(np.mean((0.25 * x - 3.0 - (2 * x - 0.5)) ** 2), rel=1e-5)
    assert program.run({}) is program.values[program.result]


def test_what_follows_from_the_second_result_of_an_op_is_computed_again_too() -> None:
    session = opened(PARTED)
    program = Program.of(session, training_losses(session)[0])
    assert program is not None
    (w,) = program.trained
    for one, two in ((1.0, 5.0), (3.0, 2.0)):
        found = program.run({w: np.array([one, two], np.float32)})
        assert found is not None and float(found) == pytest.approx(two**2 + one, rel=1e-5)


def test_what_cannot_be_computed_again_makes_no_program() -> None:
    session = opened(IN_PLACE)
    assert training_losses(session)
    assert all(Program.of(session, event) is None for event in training_losses(session))


def test_losses_are_found_by_their_backward_passes() -> None:
    session = opened(LINE)
    events = loss_events(session)
    assert len(events) == 8 and events == training_losses(session)
    assert loss_before(session, events[3]) == events[3] and loss_before(session, events[3] + 2) == events[3]
    assert loss_before(session, -1) == events[0]
    assert loss_events(opened(PLAIN)) == () and loss_before(opened(PLAIN), 0) is None
