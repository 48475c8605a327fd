"""SIGKILL while recording: the file opens and holds everything that was committed, whoever is killed and whenever."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradviz.debugger.session import Session
from gradviz.recording.columns.layout import CHUNK_COLUMNS
from gradviz.recording.file.chunk import decode
from gradviz.recording.file.gvrec import load
from gradviz.recording.file.journal import Journal
from gradviz.recording.recording import Recording
from gradviz.recording.statistics import NAMES
from gradviz.running.process.supervisor import Ended, Supervisor

ROOT = Path(__file__).parents[4]
ENDLESS = """import torch
w = torch.ones(3, requires_grad=True)
step = 0
while True:
    loss = (w * step).sum()
    loss.backward()
    w.grad = None
    step += 1
"""
PARENT = """
import sys, time
from pathlib import Path
from gradviz.recording.file.journal import Journal
from gradviz.running.process.supervisor import Supervisor
supervisor = Supervisor(warm=False)
supervisor.start({script!r}, Path({script!r}).read_text(), journal=Journal({file!r}, 64 << 20, lasting=False))
print(supervisor._worker.process.pid, flush=True)
while True:
    supervisor.poll()
    time.sleep(0.01)
"""


def committed(path: Path) -> list[bytes]:
    """The chunks that another process has committed so far."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return [row[0] for row in database.execute("SELECT data FROM chunks ORDER BY number")]
        finally:
            database.close()
    except sqlite3.OperationalError:
        return []


def recorded(chunks: list[bytes]) -> Recording:
    """What is in some chunks; the first may hold no event yet."""
    found = Recording()
    for data in chunks:
        found.append_chunk(data)
    return found


def wait_for(ready: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.005)  # another process: there is nothing to wait on


def committed_events(path: Path) -> list[bytes]:
    """The same, as soon as they hold an event: a first chunk may hold none, and a file that is just written to cannot be read."""
    found: list[bytes] = []

    def there() -> bool:
        found[:] = committed(path)
        return len(recorded(found)) > 0

    wait_for(there)
    return found


def holds(path: Path, chunks: list[bytes]) -> Recording:
    """The file opens, alone in another folder and without its script, and begins with what had been committed."""
    before = recorded(chunks)
    found = load(path)
    assert len(found) >= len(before) > 0
    for index in range(0, len(before), max(1, len(before) // 500)):
        assert found.event(index) == before.event(index)
    session = Session(found)
    session.to_end()
    assert session.moment().states
    assert found.source == ENDLESS
    return found


@pytest.fixture
def script(tmp_path: Path) -> Path:
    made = tmp_path / "endless.py"
    made.write_text(ENDLESS)
    return made


def test_the_command_is_killed_at_any_time(script: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gvrec"
    for seed in range(4):
        command = [sys.executable, str(ROOT / "main.py"), "record", str(script), "-o", str(out), "--memory", "32"]
        child = subprocess.Popen(command, cwd=tmp_path)
        committed_events(out)
        time.sleep(random.Random(seed).random() * 0.5)
        chunks = committed_events(out)
        child.send_signal(signal.SIGKILL)
        child.wait()
        holds(out, chunks)
        out.unlink()


def test_the_file_opens_elsewhere_without_the_script(script: Path, tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, str(ROOT / "main.py"), "record", str(script), "-o", str(tmp_path / "out.gvrec")])
    wait_for(lambda: len(committed(tmp_path / "out.gvrec")) > 2)
    chunks = committed_events(tmp_path / "out.gvrec")
    child.kill()
    child.wait()
    elsewhere = tmp_path / "another" / "machine"
    elsewhere.mkdir(parents=True)
    for part in tmp_path.glob("out.gvrec*"):  # with the journal of a commit that was cut off, as SQLite asks
        shutil.move(part, elsewhere / part.name)
    script.unlink()
    holds(elsewhere / "out.gvrec", chunks)


@pytest.mark.parametrize("events", [300, 4000])
def test_the_process_of_the_script_is_killed(script: Path, tmp_path: Path, events: int) -> None:
    supervisor = Supervisor(warm=False)
    journal = Journal(tmp_path / "run.gvrec", 32 << 20, lasting=False)
    supervisor.start(str(script), ENDLESS, journal=journal)
    shown = Recording()
    ended: list[Any] = []
    wait_for(lambda: _take(shown, supervisor, ended) or len(shown) > events)
    assert supervisor._worker is not None
    supervisor._worker.process.kill()
    wait_for(lambda: bool(_take(shown, supervisor, ended) or ended))
    supervisor.close()
    journal.close()
    assert "killed" in ended[0].reason
    assert list(load(journal.path)) == list(shown)
    journal.close(remove=True)
    assert not journal.path.exists()


def _take(found: Recording, supervisor: Supervisor, ended: list[Ended]) -> bool:
    """What the window does when it polls."""
    for said in supervisor.poll():
        if isinstance(said, Ended):
            ended.append(said)
        elif said.kind == b"C":
            found.append_chunk(said.body)
    return False


def test_the_window_s_process_is_killed_and_the_script_s_with_it(script: Path, tmp_path: Path) -> None:
    for seed in range(2):
        out = tmp_path / f"{seed}.gvrec"
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT.format(script=str(script), file=str(out))], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda path=out: len(committed(path)) > 2)
        time.sleep(random.Random(seed).random() * 0.3)
        chunks = committed_events(out)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        holds(out, chunks)
        wait_for(lambda pid=child: not _alive(pid))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_journal_keeps_to_its_budget(tmp_path: Path) -> None:
    from gradviz.running.recorded import record_to

    script = tmp_path / "large.py"
    script.write_text("import torch\nw = torch.ones(20_000, requires_grad=True)\nfor i in range(400):\n    (w * i).sum().backward()\n")
    assert record_to(str(script), str(tmp_path / "small.gvrec"), memory=32 << 20) == 0
    found = load(tmp_path / "small.gvrec")
    assert int(found.column("epoch").max()) == 399
    assert 12 << 20 < found.value_bytes <= 32 << 20
    assert (tmp_path / "small.gvrec").stat().st_size < 48 << 20  # 96 MB with all numbers; pages of numbers that went are used again
    kept = sum(
        bool(chunk.tables["kept"]) for data in committed(tmp_path / "small.gvrec") for chunk in decode(data, CHUNK_COLUMNS, len(NAMES))
    )
    assert kept > 1  # keyframes, not only the end


def test_a_full_disk_ends_the_journal_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradviz.recording.problem import RecordingProblem

    journal = Journal(tmp_path / "run.gvrec", 1 << 20)

    def full(*_: object) -> None:
        raise RecordingProblem("run.gvrec cannot be written: no space left.")

    monkeypatch.setattr(journal._file, "append", full)
    supervisor = Supervisor(warm=False)
    script = tmp_path / "short.py"
    script.write_text("import torch\nprint(torch.ones(2) + 1)\n")
    supervisor.start(str(script), script.read_text(), journal=journal)
    shown = Recording()
    ended: list[Any] = []
    wait_for(lambda: bool(_take(shown, supervisor, ended) or ended))
    supervisor.close()
    journal.close(remove=True)
    assert ended[0].exit_code == 0
    assert len(shown) > 2
    assert "no space" in journal.problem
