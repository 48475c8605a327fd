"""torch.profiler: how long the named parts of a script took.

PyTorch's lists its kernels; here a part is what the script names with `record_function`, and each step between two calls of `step()`.
"""

from __future__ import annotations

import enum
import json
import time
from collections.abc import Callable, Iterable
from contextlib import ContextDecorator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any


class ProfilerActivity(enum.Enum):
    """What is to be looked at; here there is the CPU alone."""

    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(enum.Enum):
    """What a schedule wants of a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """What this machine can look at."""
    return {ProfilerActivity.CPU}


def schedule(*, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0) -> Callable[[int], ProfilerAction]:
    """Which steps are recorded: `wait` are left out, `warmup` are not kept, `active` are; and again."""
    if wait < 0 or warmup < 0 or active <= 0 or repeat < 0 or skip_first < 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments. Got wait={wait} (need >= 0), warmup={warmup} (need >= 0), active={active} (need > 0), "
            f"repeat={repeat} (need >= 0), skip_first={skip_first} (need >= 0)."
        )

    def at(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        if step < skip_first:
            return ProfilerAction.NONE
        turn, place = divmod(step - skip_first, wait + warmup + active)
        if (repeat and turn >= repeat) or place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < wait + warmup + active - 1 else ProfilerAction.RECORD_AND_SAVE

    return at


def _always(step: int) -> ProfilerAction:
    return ProfilerAction.RECORD


@dataclass
class Part:
    """What the parts of one name took, in microseconds."""

    key: str
    count: int = 0
    cpu_time_total: float = 0.0

    @property
    def cpu_time(self) -> float:
        """On average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def cpu_time_total_str(self) -> str:
        return _spoken(self.cpu_time_total)


def _spoken(micro: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if micro >= size:
            return f"{micro / size:.3f}{unit}"
    return f"{micro:.3f}us"


class Parts(list[Part]):
    """What `key_averages()` gives."""

    def table(self, sort_by: str | None = None, row_limit: int = 100, **options: Any) -> str:
        """The parts as text, PyTorch's columns that there are."""
        rows = sorted(self, key=lambda part: -part.cpu_time_total) if sort_by and "time" in sort_by else list(self)
        if sort_by == "count":
            rows = sorted(self, key=lambda part: -part.count)
        width = max([len(part.key) for part in rows[:row_limit]] + [4]) + 2
        line = "  ".join("-" * n for n in (width, 12, 12, 12))
        head = "  ".join(name.rjust(n) for name, n in (("Name", width), ("CPU total", 12), ("CPU time avg", 12), ("# of Calls", 12)))
        told = [
            "  ".join(
                text.rjust(n)
                for text, n in (
                    (part.key, width), (part.cpu_time_total_str, 12), (_spoken(part.cpu_time), 12), (str(part.count), 12),
                )
            )
            for part in rows[:row_limit]
        ]  # fmt: skip
        return "\n".join([line, head, line, *told, line]) + "\n"

    def total_average(self) -> Part:
        """All of them as one."""
        return Part("Total", sum(part.count for part in self), sum(part.cpu_time_total for part in self))


_active: list[Any] = []


class record_function(ContextDecorator):  # noqa: N801 - PyTorch's name
    """A named part of the script: `with record_function("name"):`, or around a function."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name
        self._starts: list[float] = []

    def __enter__(self) -> record_function:
        self._starts.append(time.perf_counter())
        return self

    def __exit__(self, *error: object) -> None:
        start = self._starts.pop()
        for each in _active:
            each._note(self.name, start, time.perf_counter())


class profile:  # noqa: N801 - PyTorch's name
    """Notes the named parts that run inside it; `schedule` says in which steps."""

    def __init__(
        self,
        enabled: bool = True,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        self.enabled, self._schedule, self._ready = enabled, schedule or _always, on_trace_ready
        self.activities = set(activities) if activities else supported_activities()
        self.step_num = 0
        self._notes: list[tuple[str, float, float]] = []
        self._began = 0.0

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Begin."""
        self._began = time.perf_counter()
        if self.enabled:
            _active.append(self)

    def stop(self) -> None:
        """End, and hand over what was noted."""
        if self in _active:
            _active.remove(self)
        if self._schedule is _always and self._ready is not None:
            self._ready(self)

    def step(self) -> None:
        """A step of training is over."""
        now, action = time.perf_counter(), self._schedule(self.step_num)
        self._note(f"ProfilerStep#{self.step_num}", self._began, now)
        self.step_num += 1
        if action is ProfilerAction.RECORD_AND_SAVE and self._ready is not None:
            self._ready(self)
        self._began = time.perf_counter()

    def _note(self, name: str, start: float, end: float) -> None:
        if self._schedule(self.step_num) in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE):
            self._notes.append((name, start, end))

    def key_averages(self, *args: Any, **options: Any) -> Parts:
        """The parts by their names."""
        parts: dict[str, Part] = {}
        for name, start, end in self._notes:
            key = "ProfilerStep*" if name.startswith("ProfilerStep#") else name
            part = parts.setdefault(key, Part(key))
            part.count, part.cpu_time_total = part.count + 1, part.cpu_time_total + (end - start) * 1e6
        return Parts(parts.values())

    def table(self, **options: Any) -> str:
        """key_averages() as text."""
        return self.key_averages().table(**options)

    def events(self) -> Parts:
        """Each part by itself, in the order in which they ended."""
        return Parts(Part(name, 1, (end - start) * 1e6) for name, start, end in self._notes)

    def export_chrome_trace(self, path: str) -> None:
        """A file for chrome://tracing."""
        told = [{"ph": "X", "name": n, "ts": s * 1e6, "dur": (e - s) * 1e6, "pid": 0, "tid": 0} for n, s, e in self._notes]
        Path(path).write_text(json.dumps({"traceEvents": told}), encoding="utf-8")


def tensorboard_trace_handler(dir_name: str, worker_name: str | None = None, use_gzip: bool = False) -> Callable[[profile], None]:
    """Writes each trace into a folder."""

    def write(made: profile) -> None:
        folder = Path(dir_name)
        folder.mkdir(parents=True, exist_ok=True)
        made.export_chrome_trace(str(folder / f"{worker_name or 'worker'}.{time.time_ns() // 1_000_000}.pt.trace.json"))

    return write


__all__ = [
    "ProfilerAction", "ProfilerActivity", "profile", "record_function", "schedule", "supported_activities", "tensorboard_trace_handler",
]  # fmt: skip
