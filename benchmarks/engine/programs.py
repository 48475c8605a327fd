"""A workload made ready to run: eager, recorded, replayed, and under PyTorch."""

from __future__ import annotations

import importlib
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine import events
from engine.plan.plan import Plan
from engine.torch_module import module as engine_torch
from gradviz.recording.recorder.notebook import ASK_SECONDS
from gradviz.recording.recorder.recorder import Recorder
from gradviz.running.process.allocator import keep_freed_memory

from .workloads import Workload

SCRIPT = "<workload>"
Turns = Callable[[int], float]
"""Runs that many steps and returns the seconds that they took."""


def peer_torch() -> Any:
    """Real PyTorch with one thread, or None where it is not installed."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    if not hasattr(torch, "set_num_threads"):  # the engine stands under that name
        return None
    torch.set_num_threads(1)
    return torch


def names_of(workload: Workload, torch: Any) -> dict[str, Any]:
    """The names of a workload after its setup."""
    torch.manual_seed(0)
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "__name__": "workload"}
    exec(compile(workload.setup, SCRIPT, "exec"), names)
    return names


def eager(workload: Workload, torch: Any) -> Turns:
    """The script as it is, in a loop."""
    names = names_of(workload, torch)
    text = "for _turn in range(turns):\n" + textwrap.indent(workload.step.strip(), "    ")
    code = compile(text, SCRIPT, "exec")

    def run(turns: int) -> float:
        names["turns"] = turns
        start = time.perf_counter()
        exec(code, names)
        return time.perf_counter() - start

    return run


def recorded(workload: Workload) -> Turns:
    """The same under a recorder, with its loop told; handing over the notes now and then is part of the time."""
    keep_freed_memory()  # as in the process that runs a script
    names = names_of(workload, engine_torch())
    text = "for _turn in range(turns):\n    recorder.loop_iteration(1)\n" + textwrap.indent(workload.step.strip(), "    ")
    code = compile(text, SCRIPT, "exec")
    recorder = names["recorder"] = Recorder(SCRIPT, text)
    recorder.loop_enter(1, 1)

    def run(turns: int) -> float:
        names["turns"] = turns
        start = time.perf_counter()
        with events.watch(recorder), _asked(recorder):
            exec(code, names)
        recorder.pieces()
        return time.perf_counter() - start

    return run


@contextmanager
def _asked(recorder: Recorder) -> Iterator[None]:
    """A thread asks for what is new, as in the process that runs a script (`running/process/child.py`)."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(ASK_SECONDS):
            recorder.stream()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


def planned(workload: Workload, threads: int = 1) -> Turns | None:
    """The step replayed by a plan that may use so many threads; None where there is none."""
    names = names_of(workload, engine_torch())
    code = compile(workload.step, SCRIPT, "exec")
    engine_torch().set_num_threads(threads)
    plan = Plan.of(lambda: exec(code, names))
    if plan is None:
        return None

    def run(turns: int) -> float:
        start = time.perf_counter()
        if plan.run(turns) is False:
            raise RuntimeError(f"{workload.name}: the plan does not fit any more")
        return time.perf_counter() - start

    return run
