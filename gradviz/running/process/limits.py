"""What a recorded script may use: memory, other programs, files. Limits, not a sandbox: the window says so."""

from __future__ import annotations

import os
import signal
import site
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import landlock

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a run.

    Attributes:
        memory: address space in bytes.
        output: bytes of stdout and of stderr that are shown.
        events: events that a recording may have.
    """

    memory: int = 2 * GIB
    output: int = 4 << 20
    events: int = 3_000_000


_PROGRAMS = frozenset(
    {"os.fork", "os.forkpty", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn", "os.startfile"}
)
_armed = False
_forking = False


def in_force(limits: Limits) -> list[str]:
    """The limits of a run, in words for the window."""
    words = []
    if sys.platform == "linux":
        words.append(f"{_memory(limits) / GIB:.3g} GB of memory")
    words.append(f"{limits.output >> 20} MB of output")
    words.append("no other programs")
    if landlock.version():
        words.append("only its own folder")
        if landlock.version() >= 4:
            words.append("no network")
    else:
        words.append("any file (this system has no Landlock)")
    return words


def _memory(limits: Limits) -> int:
    """The address space that a script may have: where this process has less itself, no more than that."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    return limits.memory if most == resource.RLIM_INFINITY else min(limits.memory, most)


def die_with_parent() -> None:
    """Let the kernel kill this process when the window is gone."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


_WAY = 10  # of 19: the window comes first where both want the processor, and a run alone is as quick as ever


def give_way() -> None:
    """Let the window go before this process where the processor is short. Whoever has no such priorities goes on without."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        os.nice(_WAY)
    with suppress(OSError):  # Linux puts a session of its own into a group, in which a priority counts among the group only
        Path("/proc/self/autogroup").write_text(str(_WAY), encoding="ascii")


def apply(limits: Limits, folder: str) -> None:
    """Put the limits on this process, for good. `folder` is the script's own.

    Raises:
        OSError: the system refuses what `in_force` says; nothing should run then.
    """
    global _armed
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (_memory(limits),) * 2)
    import tempfile  # in the child: the window only tells the limits

    from ...packages.stand_ins import draw_into_memory

    own = tempfile.mkdtemp(prefix=_own_prefix(os.getpid()))
    os.environ["TMPDIR"] = tempfile.tempdir = own
    draw_into_memory(own)
    _armed = True
    sys.addaudithook(_no_programs)
    if not landlock.restrict(_readable(), [folder, own, "/dev/null", "/dev/zero", "/dev/full"]) and landlock.version():
        raise PermissionError("Landlock is there, and cannot be used")


def clear_up(pid: int) -> None:
    """Remove the temporary folder of a child that is gone (it may have been killed)."""
    import shutil
    import tempfile

    for folder in Path(tempfile.gettempdir()).glob(f"{_own_prefix(pid)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _own_prefix(pid: int) -> str:
    return f"gradviz-{pid}-"


def _readable() -> list[str]:
    """Where Python itself, its packages and the system's libraries lie."""
    here = Path(__file__).resolve().parents[3]
    paths = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        str(here / "engine"),
        str(here / "gradviz"),
        "/usr",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
    }
    paths |= {
        "/etc/localtime",
        "/usr/share/zoneinfo",
        "/dev/urandom",
        "/dev/random",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/self",
        "/sys/devices/system/cpu",
    }
    paths |= set(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))  # the user's modules
    paths |= set(site.getsitepackages()) | {str(Path(p).resolve()) for p in sys.path if p.endswith("site-packages")}
    return sorted(p for p in paths if Path(p).exists())


@contextmanager
def forking() -> Iterator[None]:
    """Let this process copy itself, for a checkpoint: a script may not."""
    global _forking
    _forking = True
    try:
        yield
    finally:
        _forking = False


def _no_programs(event: str, _arguments: tuple[Any, ...]) -> None:
    if _armed and event in _PROGRAMS and not (_forking and event == "os.fork"):
        raise PermissionError(f"a recorded script may not start other programs ({event})")
