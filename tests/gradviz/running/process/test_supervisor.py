"""Real child processes: what a script does to itself never harms the one who watches it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gradviz.recording.event import Kind
from gradviz.recording.recording import Recording
from gradviz.running.overrides import RequiresGrad, ZeroGrad
from gradviz.running.process import landlock, protocol
from gradviz.running.process.limits import Limits
from gradviz.running.process.supervisor import Ended, Supervisor

LESSON = Path(__file__).parents[3] / "data" / "gradient_computation.py"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="process limits of Linux")


class Run:
    """What a run left behind."""

    def __init__(self) -> None:
        self.recording = Recording()
        self.text: dict[str, str] = {"stdout": "", "stderr": "", "gradviz": ""}
        self.end: Ended | None = None

    def take(self, found: list[Any]) -> None:
        for said in found:
            if isinstance(said, Ended):
                self.end = said
            elif said.kind == protocol.CHUNK:
                self.recording.append_chunk(said.body)
            else:
                text, stream = said.data()
                self.text[stream] += text


@pytest.fixture
def run(tmp_path: Path) -> Any:
    supervisors = []

    def go(
        source: str,
        stop_after: float | None = None,
        limits: Limits | None = None,
        overrides: Any = (),
        seconds: float = 200,
        stop_at: int = sys.maxsize,  # letters on stdout
    ) -> Run:
        supervisor = Supervisor(limits, warm=False)
        supervisors.append(supervisor)
        result = Run()
        supervisor.start(str(tmp_path / "script.py"), source, overrides)
        started, stopped = time.monotonic(), False
        while result.end is None:
            result.take(supervisor.poll())
            late = stop_after is not None and time.monotonic() - started > stop_after
            if not stopped and (late or len(result.text["stdout"]) > stop_at):
                stopped = True
                supervisor.stop()
            assert time.monotonic() - started < seconds, "the run did not end"
            time.sleep(0.005)  # a poll as the window does it, every few milliseconds
        return result

    yield go
    for supervisor in supervisors:
        supervisor.close()


def test_the_lesson_is_recorded_with_its_prints(run: Any) -> None:
    result = run(LESSON.read_text())
    assert result.end == Ended(0)
    assert result.text["stdout"] == (LESSON.parent / "gradient_computation.out").read_text()
    kinds = {result.recording.event(i).kind for i in range(len(result.recording))}
    assert {Kind.CREATE_LEAF, Kind.OP, Kind.VJP, Kind.DELIVER, Kind.ACCUMULATE, Kind.ZERO_GRAD, Kind.OPTIMIZER_STEP, Kind.PRINT} <= kinds


def test_only_what_is_printed_is_a_print(run: Any) -> None:
    result = run("print('a', end='')\nprint('b', end='')\nprint()\nraise ValueError('mine')\n")
    printed = [event.detail["text"] for event in result.recording if event.kind == Kind.PRINT]
    assert printed[0] == "ab\n"
    assert "Traceback" in "".join(printed[1:])
    assert all(printed)
    assert result.recording.event(len(result.recording) - 1).kind == Kind.ERROR


@LINUX
@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import signal\nfor s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
        "x = 9 ** 9 ** 9",
        "import time\ntime.sleep(1000)",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    ],
    ids=["endless loop", "signals ignored", "regex", "huge power", "sleep", "swallows interrupts"],
)
def test_stop_ends_a_script_whatever_it_does(run: Any, source: str) -> None:
    result = run(source, stop_after=0.8)
    assert result.end.stopped


@LINUX
def test_nobody_waits_until_the_memory_of_a_killed_script_is_freed(tmp_path: Path) -> None:
    """A recursion that swallows its stop holds a gigabyte in small pieces: the system needs most of a second to take them back."""
    source = "held = []\ndef f(n):\n    held.append(bytearray(900))\n    return n\nfor n in range(700_000): f(n)\n"
    source += "say = [print]\nwhile True:\n    try:\n        while say: say.pop()('full')\n        while True: pass\n    except BaseException: pass\n"
    supervisor, result, asked = Supervisor(warm=False), Run(), 0.0
    supervisor.start(str(tmp_path / "script.py"), source)
    while result.end is None:
        result.take(supervisor.poll())
        if not asked and result.text["stdout"]:
            asked = time.monotonic()
            supervisor.stop()
        time.sleep(0.005)
    took = time.monotonic() - asked
    assert result.end == Ended(-9, "stopped", stopped=True)
    assert took < 0.5
    assert not supervisor.running
    supervisor.close()
    assert subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "running.process.child"], capture_output=True, check=False).stdout == b""


@LINUX
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\nos._exit(7)", "os._exit"),
        ("import ctypes\nctypes.string_at(0)", "segmentation"),
        ("x = bytearray(3 << 30)", "more memory"),
        ("import numpy as np\nx = np.ones((1 << 30,))", "Unable to allocate"),
        ("x = []\nwhile True: x.append(' ' * 10_000_000)", "more memory"),
        ("input('name? ')", "nobody to ask"),
        ("import os\nwhile True: os.fork()", "may not start other programs"),
        ("import subprocess\nsubprocess.run(['ls'])", "may not start other programs"),
        ("raise ValueError('mine')", "ValueError in line 1: mine"),
        ("import sys\nsys.exit('enough')", "ended itself with exit code 1"),
    ],
    ids=["os._exit", "segfault", "memory", "numpy memory", "list", "input", "fork loop", "subprocess", "exception", "exit"],
)
def test_a_bad_end_is_told_in_words(run: Any, source: str, words: str) -> None:
    result = run(source)
    assert words in result.end.reason


@LINUX
def test_a_process_that_a_script_has_left_behind_ends_with_the_run(run: Any) -> None:
    source = """
import ctypes, os, time
child = ctypes.CDLL(None).fork()  # past what forbids other programs
if not child:
    os.closerange(0, 100)
    time.sleep(1000)
print(child)
"""
    result = run(source)
    assert result.end.exit_code == 0
    until = time.monotonic() + 200
    while _alive(int(result.text["stdout"])):
        assert time.monotonic() < until
        time.sleep(0.005)


@LINUX
def test_a_script_that_is_stopped_while_it_prints_leaves_no_half_message(run: Any) -> None:
    source = "import torch\nx = torch.ones(2)\nwhile True:\n    x = x * 1\n    print('x' * 10_000)"
    for letters in (100_000, 300_000, 500_000):
        result = run(source, stop_at=letters, limits=Limits(output=1 << 30), seconds=60)  # a message that cannot be read would raise
        assert result.end.stopped
        assert set(result.text["stdout"]) <= {"x", "\n"}


def test_endless_output_is_cut_with_a_word_about_it(run: Any) -> None:
    result = run("for i in range(10**5): print('x' * 1000)", limits=Limits(output=200_000))
    assert len(result.text["stdout"]) == 200_000
    assert "left out" in result.text["gradviz"]
    assert result.end.exit_code == 0


def test_an_endless_recording_stops_at_its_limit(run: Any) -> None:
    result = run("import torch\nx = torch.ones(3, requires_grad=True)\nwhile True: y = x * 2", limits=Limits(events=20_000))
    assert "20,000 events" in result.end.reason


@pytest.mark.skipif(not landlock.version(), reason="this kernel offers no Landlock")
def test_a_script_touches_only_its_own_folder(run: Any, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("secret")
    result = run(
        f"""
import os
open("mine.txt", "w").write("ok")
print(open("mine.txt").read())
for what in (lambda: open({str(outside)!r}).read(), lambda: open({str(outside)!r}, "w"), lambda: os.listdir({str(tmp_path.parent)!r}),
             lambda: os.unlink({str(outside)!r}), lambda: open("/etc/passwd")):
    try:
        what()
        print("allowed")
    except OSError as e:
        print(type(e).__name__)
import torch
print(torch.ones(2))
"""
    )
    assert result.text["stdout"].split("\n")[:-1] == ["ok", *["PermissionError"] * 5, "tensor([1., 1.])"]
    assert outside.read_text() == "secret"


def test_a_script_imports_what_the_user_has_put_on_the_path(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path.parent / f"{tmp_path.name}-shelf"
    shelf.mkdir()
    (shelf / "of_the_user.py").write_text("NAME = 'found'\n")
    monkeypatch.setenv("PYTHONPATH", str(shelf))
    result = run(f"import of_the_user\nprint(of_the_user.NAME)\nopen({str(shelf / 'new.txt')!r}, 'w')\n")
    assert result.text["stdout"] == "found\n"
    assert not (shelf / "new.txt").exists() or not landlock.version()


def test_a_flag_can_be_turned_without_touching_the_text(run: Any) -> None:
    source = "import torch\nx = torch.ones(2, requires_grad=True)\nw = torch.ones(2)\n(x * w).sum().backward()\nprint(w.grad)\n"
    assert run(source).text["stdout"] == "None\n"
    changed = run(source, overrides=(RequiresGrad(((), 3, "tensor", 0), True),))
    assert changed.text["stdout"] == "tensor([1., 1.])\n"


def test_accumulation_with_and_without_emptying(run: Any) -> None:
    loop = (
        "import torch\nw = torch.ones(1, requires_grad=True)\nfor i in range(3):\n    (w * 3).sum().backward()\n    print(w.grad.item())\n"
    )
    assert run(loop).text["stdout"] == "3.0\n6.0\n9.0\n"
    assert run(loop, overrides=(ZeroGrad("each"),)).text["stdout"] == "3.0\n3.0\n3.0\n"
    assert run(loop + "    w.grad.zero_()\n", overrides=(ZeroGrad("never"),)).text["stdout"] == "3.0\n6.0\n9.0\n"


@LINUX
def test_a_run_gives_way_to_the_window(run: Any) -> None:
    result = run("import os\nprint(os.nice(0))\n")
    assert int(result.text["stdout"]) == min(19, os.nice(0) + 10)


def test_a_syntax_error_is_told_with_its_place(run: Any) -> None:
    result = run("x = 1\ny = (2\n")
    assert result.end.error_type == "SyntaxError"
    assert result.end.line == 2


@LINUX
@pytest.mark.parametrize(
    "source", ["import tempfile\nprint(tempfile.gettempdir())", "import tempfile\nprint(tempfile.gettempdir(), flush=True)\n1 / 0"]
)
def test_the_temporary_folder_of_a_run_goes_with_it(run: Any, source: str) -> None:
    folder = Path(run(source).text["stdout"].strip())
    assert folder.name.startswith("gradviz-")
    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not folder.exists()


@LINUX
def test_where_the_system_starts_no_process_the_run_ends_with_a_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    open_before = sorted(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/nowhere/python")
        result = run("print(1)")
    assert result.end.reason == "the system starts no process for the script: No such file or directory"
    assert sorted(os.listdir("/proc/self/fd")) == open_before  # no pipe is left
    assert run("print(1)").text["stdout"] == "1\n"


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@LINUX
def test_where_the_window_has_less_memory_than_scripts_may_have_they_have_as_little(tmp_path: Path) -> None:
    program = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1536 << 20, 1536 << 20))
from gradviz.running.process.limits import in_force, Limits
from gradviz.running.process.supervisor import Ended, Supervisor
supervisor = Supervisor(warm=False)
supervisor.start(sys.argv[1], "print('it runs')")
said = []
while not any(isinstance(found, Ended) for found in said):
    said += supervisor.poll()
    time.sleep(0.01)
supervisor.close()
print(said[-1], in_force(Limits())[0])
"""
    command = [sys.executable, "-c", program, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == f"{Ended(0)} 1.5 GB of memory\n", done.stderr
