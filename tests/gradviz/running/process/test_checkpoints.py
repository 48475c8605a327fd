"""Numbers that are computed again come from the nearest checkpoint: a process that rests on the way, and not from the script's start."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from gradviz.recording.file.gvrec import load, save
from gradviz.recording.numbers.refill import ranges_of
from gradviz.recording.recording import Recording
from gradviz.running.process.checkpoints import EVERY, possible
from gradviz.running.process.supervisor import Ended, Supervisor
from gradviz.running.recorded import record_here
from tests.gradviz.running.refilling import refill

pytestmark = pytest.mark.skipif(not possible(), reason="this system has no checkpoints")

TRAINING = """import os, torch
torch.manual_seed(1)
print("begun")
w = torch.randn(40, requires_grad=True)
optimizer = torch.optim.Adam([w], lr=0.01)
for step in range(450):
    optimizer.zero_grad()
    x = torch.randn(40)
    for _ in range(8):
        x = torch.tanh(x * w)
    x.sum().backward()
    optimizer.step()
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(warm=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recording]:
    """The whole recording of the training, and its script."""
    script = tmp_path_factory.mktemp("long") / "script.py"
    script.write_text(TRAINING)
    whole, _ = record_here(str(script))
    save(whole, script.with_suffix(".gvrec"))
    assert len(whole) > 5 * EVERY
    return script, whole


@pytest.fixture
def small(recorded: tuple[Path, Recording]) -> Recording:
    """The same without its numbers."""
    found = load(recorded[0].with_suffix(".gvrec"))
    found.budget = 0
    found.budget = 512 << 20
    return found


def again(supervisor: Supervisor, recording: Recording, step: int) -> tuple[str, Ended]:
    """Compute a step's numbers again: what was printed meanwhile, and how it ended."""
    at = int(recording.column("step").searchsorted(step)) + 10
    return refill(supervisor, recording, ranges_of(recording, [], at), at)


def is_there(recording: Recording, whole: Recording, step: int) -> bool:
    """Whether all numbers that a step made are there, and the right ones."""
    begins = recording.column("step").searchsorted((step - 1, step, step + 1)).tolist()
    before, made = ({ref.value for index in range(*part) for ref in recording.event(index).writes} for part in pairwise(begins))
    found = [(recording.array(value), whole.array(value)) for value in made - before - {-1}]
    return len(found) > 20 and all(a is not None and b is not None and a.tobytes() == b.tobytes() for a, b in found)


def test_the_second_time_goes_on_from_the_nearest(supervisor: Supervisor, recorded: tuple[Path, Recording], small: Recording) -> None:
    _, whole = recorded
    for step, begins in ((350, "begun"), (350, ""), (353, ""), (390, ""), (150, ""), (445, ""), (250, ""), (3, "begun"), (447, "")):
        printed, end = again(supervisor, small, step)
        assert (printed.strip(), end.exit_code, end.reason) == (begins, 0, ""), step
        assert is_there(small, whole, step), step


def test_a_script_that_writes_a_file_begins_anew_each_time(supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "script.py"
    body = "".join(f"    {line}\n" for line in TRAINING.splitlines())
    script.write_text(
        f"with open('said.txt', 'w') as file:\n{body}        if step % 50 == 0:\n            print(step, file=file, flush=True)\n"
    )
    recording, _ = record_here(str(script))
    for _ in range(2):
        assert again(supervisor, recording, 320)[0].strip() == "begun"
        assert (tmp_path / "said.txt").read_text().split() == ["0", "50", "100", "150", "200", "250", "300"]


def test_a_process_that_dies_is_told_and_the_next_one_begins_anew(
    supervisor: Supervisor, recorded: tuple[Path, Recording], small: Recording
) -> None:
    _, whole = recorded
    again(supervisor, small, 300)
    worker = supervisor._stayed
    assert worker is not None
    resting = [pid for pid in group(worker.process.pid) if pid != worker.process.pid]
    assert len(resting) > 3
    os.kill(resting[0], signal.SIGKILL)  # the first one takes all of the others with it
    until = time.monotonic() + 60
    while Path(f"/proc/{resting[0]}").exists():  # its parent has noticed
        assert time.monotonic() < until
        time.sleep(0.01)
    printed, end = again(supervisor, small, 320)
    assert (printed.strip(), end.exit_code) == ("begun", 0)
    assert is_there(small, whole, 320)


def test_none_is_left_behind(small: Recording) -> None:
    supervisor = Supervisor(warm=False)
    again(supervisor, small, 300)
    worker = supervisor._stayed
    assert worker is not None
    assert len(group(worker.process.pid)) > 4
    supervisor.close()
    until = time.monotonic() + 60
    while group(worker.process.pid):
        assert time.monotonic() < until
        time.sleep(0.01)


def group(leader: int) -> list[int]:
    """The living processes of a group, in the order in which they were started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, number = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(number) == leader and state != "Z":
                found.append(int(entry.name))
    return sorted(found)
