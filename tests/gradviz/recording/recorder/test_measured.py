"""Where numbers will not be kept, a large value is measured when it comes and not held: all else of the recording is the same."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import engine as torch
from engine import events
from gradviz.recording.columns.layout import EVENT_COLUMNS, REF_COLUMNS
from gradviz.recording.numbers.store import LARGEST
from gradviz.recording.recorder.measured import LARGE
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recorder.values import Values
from gradviz.recording.recording import Recording
from gradviz.recording.statistics import MEAN
from gradviz.running.recorded import record_text

from .following.both_ways import PIECES, looped

LARGE_STEPS = """import torch
torch.manual_seed(0)
w = torch.randn(300, 300, requires_grad=True)
x = torch.randn(300, 300)
opt = torch.optim.SGD([w], lr=0.01, momentum=0.9)
row = x.view(-1)
for epoch in range(9):
    loss = row.sum() + x.sum() + x.add_(1).sum() + row.sum()
    part, other = x.view(90_000), x.t()
    part.mul_(1.5)
    loss = loss + row.sum() + part.mean() + other.sum() + x.sum()
    h = (x @ w.T).relu()
    loss = loss + (h.reshape(-1) * h.t().reshape(-1)).mean() + (w / (w - w.max())).sum() * 1e-9
    loss.backward()
    opt.step()
    if epoch % 3:
        opt.zero_grad()
    if epoch == 4:
        x.mul_(1e30)
    if epoch == 7:
        x = w.detach()[:, ::2] @ w.data[::2]
"""

GIVES_WHAT_IT_KEEPS = """import torch
kept, w = torch.ones(2), torch.ones(2, requires_grad=True)
class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t):
        return t * 2
    @staticmethod
    def backward(ctx, g):
        return kept
for k in range(12):
    Same.apply(w).sum().backward()
    w.grad.mul_(2)
    print(w.grad.tolist(), kept.tolist())
    w.grad = None
"""


class _Lean(Values):
    """Values of which never the numbers are wanted."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, True if name == "lean" else value)


def _both(source: str, monkeypatch: pytest.MonkeyPatch, large: int) -> tuple[Recording, Recording]:
    whole = record_text("<script>", source, silent=True)[0]
    with monkeypatch.context() as patched:
        patched.setattr("gradviz.recording.recorder.values.LARGE", large)
        patched.setattr("gradviz.recording.recorder.notebook.Values", _Lean)
        return whole, record_text("<script>", source, silent=True)[0]


def _check_same(whole: Recording, lean: Recording, precision: float) -> None:
    assert len(whole) == len(lean)
    for name in (*EVENT_COLUMNS, *REF_COLUMNS):
        if name == "value":
            mine, theirs = (r.rows(0, len(r)).get(name, np.zeros(0, int)).tolist() for r in (whole, lean))
            pairs = set(zip(mine, theirs, strict=True))
            for a, b in pairs:
                assert (a < 0) is (b < 0)
                if a >= 0:
                    assert _stats(whole, a) == pytest.approx(_stats(lean, b), rel=precision, abs=1e-6 if precision else 0, nan_ok=True)
        elif name in EVENT_COLUMNS:
            assert np.array_equal(whole.column(name), lean.column(name)), name
        else:
            assert np.array_equal(whole.rows(0, len(whole)).get(name, []), lean.rows(0, len(lean)).get(name, [])), name
    assert [event.detail for event in whole] == [event.detail for event in lean]


def _stats(recording: Recording, value: int) -> list[Any]:
    s = recording.stats(value)
    return [*s.shape, s.norm, s.mean, s.minimum, s.maximum, s.nans, s.infs, s.zeros]


def test_large_steps_are_the_same_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, lean = _both(LARGE_STEPS, monkeypatch, LARGE)
    _check_same(whole, lean, 0)
    large = [v for v in range(lean.value_count) if np.prod(lean.stats(v).shape) > LARGE]
    assert len(large) > 100
    assert all(lean.array(v) is None for v in large)


@pytest.mark.parametrize("piece", PIECES)
def test_a_loop_of_anything_says_the_same(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small: each value is let go of."""
    _check_same(*_both(looped(piece, "chain"), monkeypatch, 0), 1e-5)


def test_a_gradient_that_somebody_else_has_is_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leaf takes over an array that only the pass has; how often such a one is held depends on who waits for it."""
    for recording in _both(GIVES_WHAT_IT_KEEPS, monkeypatch, 0):
        printed = [event.detail["text"] for event in recording if "text" in event.detail]
        assert "".join(printed).splitlines() == ["[2.0, 2.0] [1.0, 1.0]"] * 12


def test_what_is_written_to_is_measured_anew_through_whatever_view_it_was_written() -> None:
    values = Values()
    values.lean = True
    whole = np.ones(LARGE + 8, np.float32)
    view, other = whole.reshape(8, -1), whole.reshape(2, -1)
    numbers = [values.number(array) for array in (whole, view, other)]
    for written in (view, whole, other):
        values.before_write(written)
        whole *= 2
        numbers += [values.number(array) for array in (other, view, whole)]
    assert numbers == list(range(12))
    means = values.seal(values.count, keep=True).stats[:, MEAN]
    assert means.tolist() == [1.0] * 3 + [2.0] * 3 + [4.0] * 3 + [8.0] * 3


def test_views_that_begin_at_one_place_with_other_elements_are_told_apart() -> None:
    values = Values()
    values.lean = True
    whole = np.arange(2 * LARGE + 4, dtype=np.float32)
    half = LARGE + 2
    views = [whole[:half], whole[::2], whole[:half].reshape(2, -1).T, whole.view(np.int32)[:half]]
    for view in views:
        values.number(view)
    stats = values.seal(values.count, keep=True).stats
    assert stats[:, MEAN] == pytest.approx([view.mean(dtype=np.float64) for view in views], rel=1e-6)


def test_values_too_large_to_be_kept_wait_like_others_for_their_chunk() -> None:
    values = Values()
    large = [np.full(LARGEST // 4 + 1, float(k), np.float32) for k in range(3)]
    small = [np.full(5, float(k), np.float32) for k in range(3)]
    numbers = [values.number(array) for pair in zip(large, small, strict=True) for array in pair]
    assert numbers == list(range(6))
    first = values.seal(2, keep=True)
    assert [values.number(array) for array in (*large[1:], *small[1:])] == [2, 4, 3, 5]  # known by what they were
    second = values.seal(values.count, keep=True)
    for sealed, means in ((first, [0.0, 0.0]), (second, [1.0, 1.0, 2.0, 2.0])):
        assert sealed.stats[:, MEAN].tolist() == means
        assert sum(map(len, sealed.data)) == 20 * len(means) // 2  # numbers of the small ones


def test_what_was_let_go_of_leaves_nothing_for_the_pieces_behind_it() -> None:
    values = Values()
    values.lean = True
    arrays = [np.full(LARGE + 1, float(k), np.float32) for k in range(4)]
    for array in arrays:
        values.number(array)
    assert len(values.seal(1, keep=True).form) == 4
    behind = values.seal(2, keep=True)
    assert (behind.first, behind.form) == (4, [])


def test_what_has_no_numbers_in_a_recording_takes_no_memory_either() -> None:
    """Such a value is larger than the largest of which they are kept."""
    recorder = Recorder("big.py", "")
    tracemalloc.start()
    try:
        with events.watch(recorder):
            t = torch.ones(LARGEST // 4 + 4)
            tracemalloc.reset_peak()
            for _ in range(8):
                t = t * 1.5
        assert tracemalloc.get_traced_memory()[1] < 4 * LARGEST
    finally:
        tracemalloc.stop()
