"""Contour lines: every end of a piece lies on the level."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.idea_pictures.contour import contour, levels


def test_a_circle_is_round_and_closed() -> None:
    xs = ys = np.linspace(-2, 2, 81)
    pieces = contour(xs, ys, xs[None, :] ** 2 + ys[:, None] ** 2, 1.013)
    radius = np.hypot(pieces[:, [0, 2]], pieces[:, [1, 3]])
    assert np.allclose(radius, 1.013**0.5, atol=2e-3)
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * 1.013**0.5, rel=2e-3)
    ends, counts = np.unique(np.round(pieces.reshape(-1, 2), 9), axis=0, return_counts=True)
    assert len(ends) == len(pieces) and set(counts.tolist()) == {2}


def test_a_line_is_exact_and_a_saddle_has_two_pieces() -> None:
    xs, ys = np.linspace(0, 3, 4), np.linspace(0, 2, 3)
    pieces = contour(xs, ys, 2 * xs[None, :] + 0 * ys[:, None], 3.0)
    assert np.allclose(pieces[:, [0, 2]], 1.5) and len(pieces) == 2
    assert len(contour(xs[:2], ys[:2], np.array([[1.0, -1.0], [-1.0, 1.0]]), 0.0)) == 2


def test_holes_and_flat_places_have_no_lines() -> None:
    xs = np.linspace(0, 1, 3)
    assert contour(xs, xs, np.full((3, 3), np.nan), 0.0).shape == (0, 4)
    assert contour(xs, xs, np.ones((3, 3)), 2.0).shape == (0, 4)
    assert levels(np.ones((3, 3))).size == 0 and levels(np.full((2, 2), np.nan)).size == 0
    found = levels(np.array([[0.0, 13.0]]))
    assert len(found) == 12 and np.all(np.diff(np.diff(found)) > 0)
