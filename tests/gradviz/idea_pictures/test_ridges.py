"""Histograms of gradients by layer and epoch: every entry is counted once."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.idea_pictures import ridges as ridging
from gradviz.recording.event import Kind

from .scripts import PLAIN, VECTOR, XOR, opened


def test_every_entry_of_every_gradient_is_counted() -> None:
    session = opened(XOR)
    found = ridging.ridges(session)
    assert found is not None
    assert [row[0].name for row in found.rows] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    for row, size in zip(found.rows, (16, 8, 8, 1), strict=True):
        assert all(int(ridge.counts.sum()) + ridge.zeros == size for ridge in row)
        epochs = [ridge.epoch for ridge in row]
        assert epochs == sorted(set(epochs)) and (epochs[0], epochs[-1]) == (0, 39) and len(epochs) == ridging.MOST_EPOCHS


def test_counts_and_norm_are_those_of_the_recorded_gradient() -> None:
    session = opened(XOR)
    found = ridging.ridges(session)
    assert found is not None
    ridge = found.rows[0][-1]
    event = session.recording.event(ridge.event)
    assert event.kind == Kind.ACCUMULATE
    grad = np.asarray(session.recording.array(event.writes[0].value), np.float64).reshape(-1)
    counts, _ = np.histogram(np.log10(np.abs(grad[grad != 0])), found.edges)
    assert np.array_equal(ridge.counts, counts) and ridge.norm == pytest.approx(np.linalg.norm(grad))
    place = np.log10(np.abs(grad[grad != 0]))
    assert found.edges[0] <= place.min() and place.max() <= found.edges[-1]


@pytest.mark.parametrize(("number", "norm"), [("float('inf')", np.inf), ("float('nan')", np.nan)])
def test_a_gradient_that_is_not_finite_has_no_finite_norm(number: str, norm: float) -> None:
    session = opened(f"import torch\nw = torch.ones(3, requires_grad=True)\n(w * torch.tensor([1.0, {number}, 2.0])).sum().backward()\n")
    found = ridging.ridges(session)
    assert found is not None
    ((ridge,),) = found.rows
    assert ridge.norm == pytest.approx(norm, nan_ok=True) and ridge.counts.sum() == 2


def test_a_gradient_that_vanished_stands_where_it_lies_and_a_few_tiny_entries_press_nothing_together() -> None:
    chain = "import torch\nw = torch.ones(4, requires_grad=True)\nb = torch.ones(4, requires_grad=True)\n"
    found = ridging.ridges(opened(chain + "(w * 1e-30 + b * torch.tensor([1.0, 2.0, 3.0, 1e-20])).sum().backward()\n"))
    assert found is not None
    tiny, plain = (row[0].counts for row in found.rows)
    assert -31 < found.edges[0] <= -30 and tiny.nonzero()[0].max() < 2 and plain.nonzero()[0].min() > 5
    found = ridging.ridges(opened(chain + "(w + b * torch.tensor([1.0, 2.0, 3.0, 1e-20])).sum().backward()\n"))
    assert found is not None
    assert found.edges[0] == -12 and found.rows[1][0].counts[0] == 1


def test_exact_zeros_are_counted_by_themselves() -> None:
    session = opened(VECTOR)
    found = ridging.ridges(session)
    assert found is not None
    zeros = {row[0].name: row[0].zeros for row in found.rows}
    assert zeros["k"] == 0 and zeros["m"] == 0


def test_without_gradients_there_is_no_picture() -> None:
    assert not ridging.fits(opened(PLAIN)) and ridging.ridges(opened(PLAIN)) is None
