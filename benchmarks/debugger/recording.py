"""What recording costs, whether memory stays in its budget, and how soon numbers that it let go of are there again."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from ..row import Row
from .programs import MLP

STEPS = 2000  # of ten thousand: a fifth, so that the suite stays short; all figures are linear in it
BUDGET_MB = 64
OVERHEAD = 2.0


def rows() -> Iterator[Row]:
    """One program: plain, recorded, within a budget, again."""
    from gradviz.recording.refill import ranges_of
    from gradviz.running.again import refill_here
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
    last = len(recording) // 2
    begun = perf_counter()
    refill_here(recording, ranges_of(recording, [], last))
    again = perf_counter() - begun
    yield Row(f"debugger/numbers of step {STEPS // 2:,}", f"{again:.2f} s", "-", None, "", None)
