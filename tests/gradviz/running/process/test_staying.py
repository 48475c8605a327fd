"""A child that stays: texts of one script run after each other in the same process, each as if it were the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradviz.recording.recording import Recording
from gradviz.running.process import protocol
from gradviz.running.process.in_child import said_by
from gradviz.running.process.supervisor import Ended, Supervisor

SCRIPT = "import os, torch\nx = torch.tensor([{}], requires_grad=True)\n(x * x).sum().backward()\nprint(os.getpid(), x.grad)\n"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(warm=False)
    yield made
    made.close()


def ran(supervisor: Supervisor, path: Path, source: str, *, more: bool = True, stop: bool = False) -> tuple[Recording, str, Ended]:
    """Run to the end: the recording, what was printed, and how it ended."""
    supervisor.start(str(path), source, more=more)
    recording, printed = Recording(), ""
    for said in said_by(supervisor, patience=200):
        if isinstance(said, Ended):
            assert not supervisor.running
            return recording, printed, said
        if said.kind == protocol.CHUNK:
            recording.append_chunk(said.body)
        else:
            printed += said.data()[0]
        if stop and "begun" in printed:
            supervisor.stop()
            stop = False
    raise AssertionError("the run did not end")


def test_runs_of_one_script_share_a_process_and_nothing_else(supervisor: Supervisor, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    found = [ran(supervisor, script, SCRIPT.format(f"{number}.0")) for number in (2, 3, 5)]
    assert len({printed.split()[0] for _, printed, _ in found}) == 1
    assert [printed.split("tensor")[1].strip() for _, printed, _ in found] == ["([4.])", "([6.])", "([10.])"]
    assert all(end.exit_code == 0 and end.reason == "" for _, _, end in found)
    assert len({len(recording) for recording, _, _ in found}) == 1
    assert [recording.source for recording, _, _ in found] == [SCRIPT.format(f"{number}.0") for number in (2, 3, 5)]


def test_a_text_that_fails_is_told_and_the_next_one_runs(supervisor: Supervisor, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    _, _, end = ran(supervisor, script, "import torch\ntorch.set_grad_enabled(False)\nnothing\n")
    assert (end.error_type, end.line) == ("NameError", 3)
    _, _, end = ran(supervisor, script, "import torch\n)\n")
    assert end.error_type == "SyntaxError"
    _, printed, end = ran(supervisor, script, SCRIPT.format("2.0"))
    assert "tensor([4.])" in printed and not end.error_type, "gradients are on again"


def test_another_script_and_a_run_without_followers_have_a_process_of_their_own(supervisor: Supervisor, tmp_path: Path) -> None:
    source = SCRIPT.format("1.0")
    runs = ((tmp_path / "one.py", True), (tmp_path / "two.py", True), (tmp_path / "two.py", False), (tmp_path / "two.py", True))
    assert len({ran(supervisor, path, source, more=more)[1].split()[0] for path, more in runs}) == 4


def test_one_that_is_stopped_or_dies_is_replaced(supervisor: Supervisor, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    _, _, end = ran(supervisor, script, "print('begun')\nwhile True:\n    pass\n", stop=True)
    assert end.stopped
    _, _, end = ran(supervisor, script, "import os\nos._exit(3)\n")
    assert "exit code 3" in end.reason
    _, printed, end = ran(supervisor, script, SCRIPT.format("2.0"))
    assert "tensor([4.])" in printed and end.exit_code == 0
