"""Which numbers stay: within the budget, keyframes evenly spaced, what is looked at and the latest."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.form import Form
from gradviz.recording.numbers.store import Store
from gradviz.recording.numbers.thinning import Thinning
from gradviz.recording.numbers.tiers import Tiers
from gradviz.recording.recording import Recording

FORM = Form(np.dtype(np.float64), (128,))  # 1024 bytes
OWN = np.full(2, -1, np.int64)


def store(budget: int, groups: int, look: int = -1) -> Store:
    """`groups` groups of two values each; value `look` is looked at all the time."""
    made = Store(budget)
    for group in range(groups):
        numbers = np.full((2, 128), group, np.float64)
        made.append([FORM], np.zeros(2, np.int64), OWN, np.zeros((2, 7)), numbers.tobytes())
        if 0 <= look < len(made):
            assert made.array(look) is not None
    return made


def kept(made: Store) -> list[int]:
    return [value for value in range(len(made)) if made.array(value) is not None]


@pytest.mark.parametrize("budget", [0, 1024, 10_000, 50_000, 200_000])
@pytest.mark.parametrize("groups", [1, 7, 100, 333])
def test_the_budget_is_kept_whatever_comes(budget: int, groups: int) -> None:
    made = store(budget, groups)
    assert made.tiers.nbytes <= budget
    assert made.tiers.nbytes == 1024 * len(kept(made))
    if budget >= 4 * 2048:  # and it is used
        assert made.tiers.nbytes >= min(groups * 2048, budget // 2) - 2048


def test_keyframes_are_evenly_spaced_and_the_latest_stay() -> None:
    made = store(64 * 1024, 1000)
    keyframes = made.tiers.keyframes()
    latest = [group for group in keyframes if group >= 1000 - 8]  # a quarter of the budget
    assert len(latest) == 8
    stride = made.tiers.stride
    assert stride & (stride - 1) == 0
    assert all(group % stride == 0 for group in keyframes if group < 1000 - 8 - 2 * stride)
    assert max(np.diff(keyframes)) <= 2 * stride
    assert keyframes[0] == 0


def test_what_is_looked_at_stays() -> None:
    made = store(64 * 1024, 1000, look=2 * 7 + 1)
    found = made.array(15)
    assert found is not None
    assert found.tolist() == [7.0] * 128
    assert made.array(2 * 9) is None


def test_what_was_asked_for_in_vain_is_remembered_and_filled() -> None:
    made = store(64 * 1024, 1000)
    assert made.array(21) is None
    assert 21 in made.tiers.missed
    made.fill({21: np.full(128, 10.0)})
    found = made.array(21)
    assert found is not None
    assert not found.flags.writeable
    assert 21 not in made.tiers.missed
    for value in range(30, 600):
        made.fill({value: np.zeros(128)})
        assert made.tiers.nbytes <= 64 * 1024
    assert made.array(21) is None  # long ago
    assert made.array(599) is not None


def test_a_smaller_budget_takes_effect_at_once() -> None:
    recording = Recording(1 << 20)
    assert recording.memory <= recording.budget
    recording.budget = 0
    assert recording.tiers.nbytes == 0
    assert Tiers(5).keyframes() == []


def test_a_long_run_sends_fewer_and_fewer_numbers_evenly_spaced() -> None:
    thinning = Thinning(100_000)
    sent = []
    for number in range(5000):
        if thinning.keeps():
            sent.append(number)
            thinning.sent(1000)
    assert sent[:100] == list(range(100))
    gaps = np.diff(sent)
    assert (gaps[1:] >= gaps[:-1]).all() or set((gaps[1:] / gaps[:-1]).tolist()) <= {1.0, 2.0}
    assert all(number % gap == 0 for number, gap in zip(sent[200:], gaps[200:], strict=False))
    assert len(sent) * 1000 < 400_000
