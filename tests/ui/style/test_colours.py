"""Colours that mean something are told apart by people who see fewer of them, and what is written can be read.

The eyes are simulated by the matrices of Machado, Oliveira and Fernandes (2009) at full strength, on linear light;
distances are those of CIE Lab, where about 2 is the least that anybody sees side by side.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ui.pictures.heat import paint_heat
from ui.style.theme import DARK, LIGHT, Theme, heat_ends

Array = np.ndarray[Any, Any]

EYES = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
GREY = np.tile([0.2126, 0.7152, 0.0722], (3, 1))
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])
APART = 15.0
MEANING = ("value", "gradient", "parameter", "op", "no_grad", "loss", "error")

themes = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
eyes = pytest.mark.parametrize("eye", EYES)


def light(colour: str) -> Array:
    """Linear light of a colour."""
    made = QColor(colour)
    coded = np.array([made.redF(), made.greenF(), made.blueF()])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def lab(linear: Array) -> Array:
    """CIE Lab of linear light."""
    ratio = XYZ @ linear.clip(0, 1) / WHITE
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def apart(one: str, other: str, eye: Array) -> float:
    return float(np.linalg.norm(lab(eye @ light(one)) - lab(eye @ light(other))))


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(GREY[0] @ light(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_the_eyes_are_those_of_the_paper() -> None:
    """White stays white to all of them, and pure red and green come near to each other where one of their cones is missing."""
    for eye in EYES.values():
        assert apart("#ffffff", "#fdfdfd", eye) < 2
        assert np.abs(eye.sum(axis=1) - 1).max() < 1e-5
    assert apart("#c83c00", "#788200", EYES["usual"]) > 60 > 20 > apart("#c83c00", "#788200", EYES["deuteranopia"])


@themes
@eyes
def test_quantities_and_kinds_of_nodes_are_told_apart(theme: Theme, eye: str) -> None:
    near = {(a, b): apart(getattr(theme, a), getattr(theme, b), EYES[eye]) for a, b in combinations(MEANING, 2)}
    assert {pair: found for pair, found in near.items() if found < APART - 0.2} == {}


@themes
@eyes
def test_negative_and_positive_are_told_apart_from_each_other_and_from_nothing(theme: Theme, eye: str) -> None:
    for quantity in theme.heats:
        low, high = heat_ends(theme, quantity)
        for one, other in ((low, high), (low, theme.heat_zero), (high, theme.heat_zero)):
            assert apart(one, other, EYES[eye]) >= 25, quantity


@themes
@eyes
def test_lanes_runs_severities_and_passes_are_told_apart(theme: Theme, eye: str) -> None:
    sets = {
        "lanes of the timeline": combinations(theme.lanes, 2),
        "A and B": [(theme.value, theme.parameter)],
        "passes that follow each other": pairwise((*theme.passes, theme.passes[0])),
        "severities, which have signs too": [(theme.error, theme.warning), (theme.warning, theme.muted), (theme.error, theme.muted)],
    }
    for words, pairs in sets.items():
        for one, other in pairs:
            assert apart(one, other, EYES[eye]) >= (12 if "signs" in words else APART), (words, one, other)


@themes
def test_in_a_grey_print_much_is_told_from_nothing_and_signs_from_each_other(theme: Theme) -> None:
    for quantity in theme.heats:
        for end in heat_ends(theme, quantity):
            assert apart(end, theme.heat_zero, GREY) >= 30, quantity
    picture = QImage(160, 80, QImage.Format.Format_RGB32)
    p = QPainter(picture)
    paint_heat(p, QRectF(0, 0, 160, 80), np.array([[-1.0, 1.0], [1.0, -1.0]]), theme)
    p.end()
    grey = np.array([[picture.pixelColor(x, y).lightness() for x in range(160)] for y in range(80)])
    marked = [grey[row + 2 : row + 38, column + 2 : column + 78].std() > 1 for row in (0, 40) for column in (0, 80)]
    assert marked == [True, False, False, True], "a minus stands in what is negative"


@themes
def test_what_is_written_can_be_read(theme: Theme) -> None:
    grounds = (theme.window, theme.surface)
    for name in ("text", "muted", "warning", "success", *MEANING):
        for ground in grounds:
            assert contrast(getattr(theme, name), ground) >= 4.5, (name, ground)
    for name in ("text", "muted"):
        assert contrast(getattr(theme, name), theme.raised) >= 4.5, name
    for colour in theme.syntax.values():
        assert contrast(colour, theme.surface) >= 4.5, colour
    for name in ("current", "selection"):  # rings and bars, not letters
        assert min(contrast(getattr(theme, name), ground) for ground in grounds) >= 3, name
    for colour in theme.passes:
        assert contrast(colour, theme.surface) >= 3, colour
