"""Colours, sizes and speeds of a presentation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetricsF

from gradviz.debugger.scene import Picture
from gradviz.recording.event import Stats
from ui.presenter.cards import letters, numbers_text
from ui.presenter.look import CONTRAST, LETTERS, UNIT_FONT, contrast, sizes, stage_theme
from ui.presenter.pen import Drawing
from ui.presenter.speeds import INSTANT, SPEEDS, next_speed, speed_text
from ui.style.theme import DARK, LIGHT, Theme


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda t: t.name)
def test_every_colour_of_letters_reaches_seven_to_one_on_every_ground(theme: Theme) -> None:
    look = stage_theme(theme)
    for role in LETTERS:
        for ground in (look.window, look.surface, look.raised):
            assert contrast(getattr(look, role), ground) >= CONTRAST, role
    assert contrast(look.edge, look.window) >= 3 and contrast(look.border, look.surface) >= 3
    assert (look.window, look.surface, look.name) == (theme.window, theme.surface, theme.name)


@given(st.floats(300, 5000), st.floats(72, 220))
def test_letters_are_never_below_24_points(height: float, dpi: float) -> None:
    found = sizes(height, dpi)
    assert found.text >= 24 * dpi / 72 and found.edge >= 3
    assert UNIT_FONT * found.card_scale == pytest.approx(found.text)


def test_the_ladder_of_speeds() -> None:
    speed, seen = 0.1, [0.1]
    for _ in range(len(SPEEDS)):
        speed = next_speed(speed, True)
        seen.append(speed)
    assert tuple(seen[:-1]) == SPEEDS and seen[-1] == INSTANT
    assert next_speed(INSTANT, False) == 10 and next_speed(0.1, False) == 0.1 and next_speed(3.0, False) == 2
    assert (speed_text(0.1), speed_text(10.0), speed_text(INSTANT)) == ("0.1×", "10×", "instant")


def test_clearing_and_drawing_can_be_undone_in_order() -> None:
    from PySide6.QtCore import QPointF

    drawing = Drawing()
    drawing.draw(QPointF(0, 0))
    assert drawing.strokes == [] and not drawing.undo()
    for k in range(2):
        drawing.begin("current", QPointF(k, 0))
        drawing.draw(QPointF(k, 1))
    drawing.clear()
    assert drawing.strokes == []
    assert drawing.undo() and len(drawing.strokes) == 2
    assert drawing.undo() and drawing.undo() and not drawing.undo() and drawing.strokes == []


@pytest.mark.usefixtures("qapp")
def test_equal_numbers_that_do_not_fit_are_counted_and_no_bar_without_a_number() -> None:
    third = np.full(3, 1 / 3, np.float32)
    picture = Picture(third, Stats((3,), "float32", 0.58, 0.33, 0.33, 0.33, 0.33, 0, 0, 0))
    wide, narrow = (numbers_text(picture, QFontMetricsF(letters(mono=True)).horizontalAdvance("0") * count) for count in (20, 11))
    assert wide == "0.333 0.333 0.333" and narrow == "3 × 0.333"
