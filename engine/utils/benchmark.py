"""torch.utils.benchmark: how long a statement takes, told as PyTorch tells it."""

from __future__ import annotations

import math
import textwrap
import timeit
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from statistics import fmean
from typing import Any

import numpy as np

timer = timeit.default_timer
_UNITS = {-3: ("ns", 1e-9), -2: ("us", 1e-6), -1: ("ms", 1e-3)}


def select_unit(t: float) -> tuple[str, float]:
    """(the unit in which a time has a number of ordinary size, how many seconds it has)."""
    return _UNITS.get(int(math.log10(t) // 3), ("s", 1))


@dataclass(frozen=True)
class TaskSpec:
    """What is measured, and how it is called."""

    stmt: str
    setup: str
    global_setup: str = ""
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    env: str | None = None
    num_threads: int = 1

    @property
    def title(self) -> str:
        """The label, or else the statement."""
        below = f": {self.sub_label}" if self.sub_label else ""
        if self.label is not None:
            return self.label + below
        if "\n" not in self.stmt:
            return self.stmt + below
        return f"stmt:{f' ({self.sub_label})' if self.sub_label else ''}\n{textwrap.indent(self.stmt, '  ')}"

    def setup_str(self) -> str:
        """The setup as a Measurement shows it."""
        if self.setup == "pass" or not self.setup:
            return ""
        return f"setup:\n{textwrap.indent(self.setup, '  ')}" if "\n" in self.setup else f"setup: {self.setup}"

    def summarize(self) -> str:
        """Title, description and setup."""
        parts = (self.title, self.description or "", self.setup_str())
        return "\n".join(f"{part}\n" if "\n" in part else part for part in parts if part)


@dataclass(repr=False)
class Measurement:
    """Times of one or several runs of a statement."""

    number_per_run: int
    raw_times: list[float]
    task_spec: TaskSpec
    metadata: dict[Any, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in {field.name for field in fields(TaskSpec)}:
            return getattr(self.task_spec, name)
        raise AttributeError(f"'Measurement' object has no attribute '{name}'")

    @property
    def times(self) -> list[float]:
        """Seconds of one execution in each run."""
        return [t / self.number_per_run for t in self.raw_times]

    @property
    def median(self) -> float:
        """The middle time."""
        return float(np.quantile(self.times, 0.5))

    @property
    def mean(self) -> float:
        """The mean time."""
        return fmean(self.times)

    @property
    def iqr(self) -> float:
        """From the time that a quarter stays below to the one that three quarters stay below."""
        low, high = np.quantile(self.times, [0.25, 0.75])
        return float(high - low)

    @property
    def significant_figures(self) -> int:
        """How many digits mean something, by the spread of the middle half."""
        times = sorted(self.times)
        middle = times[len(times) // 4 : math.ceil(3 * len(times) / 4)]
        interval = max(1.645 * float(np.std(middle)) / math.sqrt(len(middle)), 25e-9)
        return min(max(math.floor(math.log10(self.median / interval)), 1), 4)

    @property
    def title(self) -> str:
        """How the statement is called."""
        return self.task_spec.title

    @property
    def as_row_name(self) -> str:
        """How a table calls it."""
        return self.task_spec.sub_label or self.task_spec.stmt or "[Unknown]"

    def meets_confidence(self, threshold: float = 0.1) -> bool:
        """Whether the spread is small beside the median."""
        return self.iqr / self.median < threshold

    @property
    def has_warnings(self) -> bool:
        """Whether the spread is wide."""
        return not self.meets_confidence()

    def __repr__(self) -> str:
        n, threads = len(self.raw_times), self.task_spec.num_threads
        unit, scale = select_unit(self.median)
        lines = [f"<torch.utils.benchmark.utils.common.Measurement object at {id(self):#x}>", self.task_spec.summarize()]
        lines.append(f"  {'Median: ' if n > 1 else ''}{self.median / scale:.2f} {unit}")
        if n >= 4:
            low, high = (float(q) / scale for q in np.quantile(self.times, [0.25, 0.75]))
            lines.append(f"  IQR:    {self.iqr / scale:.2f} {unit} ({low:.2f} to {high:.2f})")
        each = "per measurement," if n > 1 else ","
        lines.append(
            f"  {n} measurement{'s' if n > 1 else ''}, {self.number_per_run} runs {each} {threads} thread{'s' if threads > 1 else ''}"
        )
        if self.has_warnings:
            why = "could indicate system fluctuation" if self.meets_confidence(0.25) else "suggests significant environmental influence"
            lines.append(
                f"  WARNING: Interquartile range is {self.iqr / self.median * 100:.1f}% of the median measurement.\n           This {why}."
            )
        return "\n".join(lines)

    @staticmethod
    def merge(measurements: Iterable[Measurement]) -> list[Measurement]:
        """One for each statement, with the times of all that measured it."""
        alike: dict[TaskSpec, list[float]] = {}
        for measurement in measurements:
            alike.setdefault(measurement.task_spec, []).extend(measurement.times)
        return [Measurement(1, times, spec) for spec, times in alike.items()]


class Timer:
    """Measures a statement."""

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = timer,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: Any = "python",
    ) -> None:
        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        if language not in ("py", "python"):
            raise ValueError(f"Invalid language `{language}`.")
        if global_setup:
            raise ValueError(f"global_setup is C++ only, got `{global_setup}`. Most likely this code can simply be moved to `setup`.")
        from ..torch_module import module

        given = {"torch": module(), **(globals or {})}
        stmt, setup = (textwrap.dedent(text).removeprefix("\n").rstrip() for text in (stmt, setup))
        self._timer = timeit.Timer(stmt, setup, timer, given)
        self._task_spec = TaskSpec(stmt, setup, global_setup, label, sub_label, description, env, num_threads)

    def _timeit(self, number: int) -> float:
        return max(self._timer.timeit(number), 1e-9)

    def timeit(self, number: int = 1000000) -> Measurement:
        """One run of `number` executions, after a few to warm up."""
        self._timeit(max(int(number // 100), 2))
        return Measurement(number, [self._timeit(number)], self._task_spec)

    def repeat(self, repeat: int = -1, number: int = -1) -> None:
        """Python's timeit has it."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def autorange(self, callback: Any = None) -> None:
        """Python's timeit has it."""
        raise NotImplementedError("See `Timer.blocked_autorange.`")

    def blocked_autorange(self, callback: Any = None, min_run_time: float = 0.2) -> Measurement:
        """Runs of as many executions as make a thousandth of the time worth a look at the clock, for `min_run_time` seconds."""
        number, taken = 1, self._timeit(1)
        while taken < min_run_time / 1000 and number < 10**9:
            number *= 10
            taken = self._timeit(number)
        return Measurement(number, self._runs(number, min_run_time, callback), self._task_spec)

    def adaptive_autorange(
        self, threshold: float = 0.1, *, min_run_time: float = 0.01, max_run_time: float = 10.0, callback: Any = None
    ) -> Measurement:
        """Runs until their spread is small, or `max_run_time` is over."""
        number = self.blocked_autorange(None, min_run_time).number_per_run
        made = Measurement(number, self._runs(number, min_run_time, callback), self._task_spec)
        while not made.meets_confidence(threshold) and sum(made.raw_times) < max_run_time:
            made.raw_times += self._runs(number, min_run_time, callback)
        return made

    def _runs(self, number: int, seconds: float, callback: Any) -> list[float]:
        times: list[float] = []
        while sum(times) < seconds or not times:
            times.append(self._timeit(number))
            if callback is not None:
                callback(number, times[-1])
        return times


for _kind in (TaskSpec, Measurement):
    _kind.__module__ = "torch.utils.benchmark.utils.common"
Timer.__module__ = "torch.utils.benchmark.utils.timer"

__all__ = ["Measurement", "TaskSpec", "Timer", "select_unit", "timer"]
