"""What recording costs, whether memory stays in its budget, and how soon numbers that it let go of are there again."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from ..row import Row
from .programs import MLP

if TYPE_CHECKING:
    from gradviz.recording.recording import Recording
    from gradviz.running.process.supervisor import Supervisor

STEPS = 2000  # of ten thousand: a fifth, so that the suite stays short; all figures are linear in it
BUDGET_MB = 64
OVERHEAD = 2.0


def rows() -> Iterator[Row]:
    """One program: plain, recorded, within a budget, again."""
    from gradviz.running.plain import run_plain
    from gradviz.running.recorded import record_here

    script = Path(tempfile.mkdtemp()) / "mlp.py"
    script.write_text(MLP.format(STEPS // 10))
    begun = perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        run_plain(str(script))
    plain = perf_counter() - begun
    begun = perf_counter()
    recording, _ = record_here(str(script), memory=BUDGET_MB << 20)
    took = perf_counter() - begun
    ratio = took / plain
    yield Row(
        "debugger/recording, MLP step",
        f"{took / STEPS * 1e3:.2f} ms",
        f"{plain / STEPS * 1e3:.2f} ms plain",
        ratio,
        f"< {OVERHEAD:g}",
        ratio < OVERHEAD,
    )
    used = recording.memory / (1 << 20)
    yield Row("debugger/memory", f"{used:.0f} MB", "-", None, f"< {BUDGET_MB} MB", used <= BUDGET_MB)
    always = 10_000 / STEPS * (recording.memory - recording.value_bytes) / (1 << 20)
    yield Row("debugger/events and statistics of 10,000 steps", f"{always:.0f} MB", "-", None, f"< {BUDGET_MB} MB", always <= BUDGET_MB)
    per_event = (recording.memory - recording.value_bytes) / len(recording)
    yield Row("debugger/bytes an event", f"{per_event:.0f} B", "-", None, "", None)
    yield from _numbers_again(recording, script)


def _numbers_again(recording: Recording, script: Path) -> Iterator[Row]:
    """Numbers that were let go of: the first time from the start of the script, then from the nearest checkpoint."""
    from gradviz.running.process.supervisor import Supervisor

    steps = recording.column("step")
    supervisor = Supervisor(warm=False)

    def seconds(step: int) -> float:
        at = int(steps.searchsorted(step)) + 10
        begun = perf_counter()
        _run_again(supervisor, recording, script, at)
        return perf_counter() - begun

    try:
        yield Row(f"debugger/numbers of step {STEPS // 2:,}", f"{seconds(STEPS // 2):.2f} s", "-", None, "", None)
        seconds(STEPS - 10)
        others = [seconds(step) for step in range(STEPS // 9, STEPS, STEPS // 9)]
        yield Row("debugger/numbers of another step (median)", f"{median(others):.2f} s", "-", None, "", None)
        near = [seconds(step) for step in range(STEPS // 2, STEPS // 2 + 5)]
        yield Row("debugger/numbers of a step close by (median)", f"{median(near):.2f} s", "-", None, "", None)
    finally:
        supervisor.close()


def _run_again(supervisor: Supervisor, recording: Recording, script: Path, at: int) -> None:
    from gradviz.recording.numbers.refill import Refill, ranges_of
    from gradviz.running.process import protocol
    from gradviz.running.process.supervisor import Ended

    refill = Refill(recording)
    supervisor.start(str(script), recording.source, again=ranges_of(recording, [], at), events=len(recording))
    while True:
        for said in supervisor.poll():
            if isinstance(said, Ended):
                refill.fill(at)
                return
            if said.kind == protocol.CHUNK:
                refill.take(said.body)
        sleep(0.001)
