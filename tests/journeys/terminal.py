"""A terminal in which someone types gradviz's commands: real child processes, in a folder with a home of its own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
LESSON = DATA / "gradient_computation.py"
PATIENCE = 300  # seconds; a slow machine is no failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    out: str
    err: str
    code: int

    @property
    def complaint(self) -> str:
        """The one line on stderr with which bad input is refused."""
        assert self.code == 2, (self.code, self.err)
        assert "Traceback" not in self.err
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


class Terminal:
    """Runs what is typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / ".temporary"
        self.temporary.mkdir()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self._environment = {
            **environment,
            "QT_QPA_PLATFORM": "offscreen",
            "HOME": str(folder),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def leaves_the_screen(self) -> None:
        """From now on there is no display, as over a plain SSH connection."""
        for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
            self._environment.pop(name, None)

    def types(self, line: str, stdin: str = "") -> Answer:
        """`gradviz LINE`."""
        return self._run([sys.executable, str(ROOT / "main.py"), *shlex.split(line)], stdin)

    def python(self, line: str, stdin: str = "") -> Answer:
        """`python LINE`, for comparison."""
        return self._run([sys.executable, *shlex.split(line)], stdin)

    def _run(self, command: list[str], stdin: str) -> Answer:
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return Answer(done.stdout, done.stderr, done.returncode)

    def starts(self, line: str) -> subprocess.Popen[str]:
        """`gradviz LINE`, without waiting for its end."""
        command = [sys.executable, str(ROOT / "main.py"), *shlex.split(line)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, env=self._environment, stdout=pipe, stderr=pipe, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite that runs in the background ignores it
        )  # fmt: skip

    def writes(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path
