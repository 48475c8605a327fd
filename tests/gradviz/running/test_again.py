"""Numbers beyond the budget are computed again, to the last bit; a script that does something else the second time is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from gradviz.recording.file.gvrec import load, save
from gradviz.recording.numbers.refill import Drift, ranges_of
from gradviz.recording.recorder.again import Range
from gradviz.recording.recording import Recording
from gradviz.running.process.supervisor import Supervisor
from gradviz.running.recorded import record_here
from tests.gradviz.running.refilling import refill

Again = Callable[[Recording, Sequence[Range]], object]
MLP = """import torch
from torch import nn
torch.manual_seed(1)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, t = torch.randn(32, 4), torch.randn(32, 1)
mean = torch.zeros(1)
for epoch in range(60):
    rows = torch.randperm(32)[:16]
    optimizer.zero_grad()
    y = model(x[rows])
    loss = ((y - t[rows]) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        mean *= 0.9
        mean += 0.1 * loss
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
"""
DRIFTING = """import torch, time
for step in range(30):
    w = torch.full((40,), float(time.perf_counter_ns() % 1000003), requires_grad=True)
    (w * 2).sum().backward()
"""
BRANCHING = """import torch, random
w = torch.ones(40, requires_grad=True)
for step in range(40):
    h = w * 2 if random.random() < 0.5 else w + 2
    h.sum().backward()
"""


@pytest.fixture
def again() -> Iterator[Again]:
    """Computes the numbers of some events again."""
    supervisor = Supervisor(warm=False)
    yield lambda recording, ranges: refill(supervisor, recording, ranges, ranges[-1][0])
    supervisor.close()


def recorded(tmp_path: Path, source: str) -> tuple[Recording, Recording]:
    """A script's recording, whole and with statistics only."""
    script = tmp_path / "script.py"
    script.write_text(source)
    whole, _ = record_here(str(script))
    save(whole, tmp_path / "run.gvrec")
    small = load(tmp_path / "run.gvrec")
    small.budget = 0
    assert small.value_bytes == 0
    small.budget = 512 << 20
    return whole, small


def same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return (
        one is not None and other is not None and one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    )


def test_every_value_comes_back_to_the_last_bit(tmp_path: Path, again: Again) -> None:
    whole, small = recorded(tmp_path, MLP)
    missing = [value for value in range(small.value_count) if small.array(value) is None]
    assert len(missing) == small.value_count > 1500
    assert set(missing[-1000:]) <= set(small.tiers.missed)
    random = np.random.default_rng(0)
    for value in random.choice(missing, 6, replace=False).tolist():
        again(small, ranges_of(small, [value]))
        assert same(small.array(value), whole.array(value))
    again(small, [(0, len(small))])
    assert all(same(small.array(value), whole.array(value)) for value in missing if whole.array(value) is not None)


def test_a_range_is_its_step_and_what_stands_in_it(tmp_path: Path, again: Again) -> None:
    whole, small = recorded(tmp_path, MLP)
    steps = small.column("step")
    at = int(np.searchsorted(steps, 40)) + 30
    (wanted,) = ranges_of(small, [], at)
    assert (steps[wanted[0] - 1], steps[wanted[0]], steps[wanted[1] - 1], steps[wanted[1]]) == (39, 40, 40, 41)
    again(small, [wanted])
    values = {ref.value for index in range(*wanted) for ref in small.event(index).writes if ref.value >= 0}
    assert len(values) > 20
    assert all(same(small.array(value), whole.array(value)) for value in values)
    early = next(ref.value for ref in small.event(3).writes)
    assert small.array(early) is None  # nobody asked for it
    both = ranges_of(small, [early, max(values)])
    assert [steps[start] for start, _ in both] == [0, 40]
    again(small, both)
    assert same(small.array(early), whole.array(early))


def test_the_steps_beside_the_cursors_come_along_where_there_is_room(tmp_path: Path) -> None:
    _, small = recorded(tmp_path, MLP)
    steps = small.column("step")
    ((start, stop),) = ranges_of(small, [], int(np.searchsorted(steps, 40)) + 30, 5)
    assert (steps[start - 1], steps[start], steps[stop - 1], steps[stop]) == (34, 35, 45, 46)
    ((start, stop),) = ranges_of(small, [], 0, 5)
    assert (start, steps[stop - 1]) == (0, 5)
    small.budget = small.memory + (1 << 18)
    ((start, stop),) = ranges_of(small, [], int(np.searchsorted(steps, 40)) + 30, 5)
    assert 40 in steps[start:stop]
    assert stop - start < 6 * np.count_nonzero(steps == 40)


def test_a_step_that_does_not_fit_is_cut_around_what_is_wanted(tmp_path: Path, again: Again) -> None:
    _, small = recorded(tmp_path, "import torch\nw = torch.ones(4000, requires_grad=True)\nfor i in range(300):\n    h = w * i\n")
    small.budget = small.memory + (4 << 20)
    (wanted,) = ranges_of(small, [], 200)
    assert wanted[0] <= 200 < wanted[1]
    again(small, [wanted])
    assert 0 < small.value_bytes <= 1 << 20
    assert all(small.array(ref.value) is not None for ref in small.event(200).writes)


def test_values_that_come_in_several_pieces_are_compared_and_filled_in(tmp_path: Path, again: Again) -> None:
    text = "import torch, time\nall = [torch.full((2 << 20,), {number}) for k in range(10)]\n"
    whole, small = recorded(tmp_path, text.format(number="float(k)"))
    again(small, [(0, len(small))])
    assert all(same(small.array(value), whole.array(value)) for value in range(small.value_count))
    _, drifting = recorded(tmp_path, text.format(number="time.perf_counter()"))
    with pytest.raises(Drift, match="other numbers"):
        again(drifting, [(0, len(drifting))])


@pytest.mark.parametrize(("source", "words"), [(DRIFTING, "other numbers"), (BRANCHING, "other")])
def test_another_run_is_found_out_and_nothing_is_filled_in(tmp_path: Path, again: Again, source: str, words: str) -> None:
    _, small = recorded(tmp_path, source)
    with pytest.raises(Drift, match=words):
        again(small, [(40, len(small))])
    assert small.value_bytes == 0
