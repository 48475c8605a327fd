"""Errors of a GradScaler: a step without a scaled loss, a turn without update()."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..finding import Diagnosis, Fix, last_of_line, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_STEP = re.compile(r"^(\s*)(\w[\w.]*)\.step\(\s*(\w[\w.]*)\s*[,)].*$")
_BACKWARD = re.compile(r"^(\s*)(\(?[\w./ *+-]+\)?)\.backward\(")


def never_scaled(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """scaler.step() of a loss that went backward as it was."""
    step = re.match(r"\s*(\w[\w.]*)\.(?:step|update|unscale_)\(", source_line(run, line))
    if step is None:
        return None
    scaler, lines = step[1], run.recording.source.splitlines()
    back = [(number, found) for number, text in enumerate(lines, 1) if (found := _BACKWARD.match(text)) and f"{scaler}.scale(" not in text]
    near = min(back, key=lambda one: (one[0] > line, abs(one[0] - line)), default=None)
    fix = None
    if near is not None:
        number, found = near
        before = lines[number - 1]
        loss = found[2].strip().removeprefix("(").removesuffix(")")
        fix = Fix(number, before, f"{found[1]}{scaler}.scale({loss}){before[found.end(2) :]}")
    where = f": line {fix.line} goes backward with the loss as it is" if fix is not None else ""
    return Diagnosis(
        "never scaled", f"{scaler}, a GradScaler, divides the gradients by the number that it has multiplied the loss by, and was given no loss before line {line}{where}.",
        last_of_line(run, fix.line if fix is not None else line), fix=fix, advice=f"Go backward from {scaler}.scale(loss), or leave the scaler away and call optimizer.step().", line=fix.line if fix is not None else line,
    )  # fmt: skip


def not_updated(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """A turn that ends with scaler.step(): the next one finds the scaler where it was left."""
    lines = run.recording.source.splitlines()
    steps = [(number, found) for number, text in enumerate(lines, 1) if (found := _STEP.match(text))]
    scalers = {found[2] for _, found in steps if f"{found[2]}.scale(" in run.recording.source}
    held = [(number, found) for number, found in steps if found[2] in scalers]
    if len(scalers) != 1 or not held or any(re.match(rf"[^#]*\b{held[0][1][2]}\.update\(", text) for text in lines):
        return None
    number, found = held[-1]
    scaler, before = found[2], lines[number - 1]
    return Diagnosis(
        "scaler not updated", f"{scaler}.step() in line {number} is followed by no {scaler}.update(): line {line} finds the scaler in the state in which the turn before has left it.",
        last_of_line(run, number), fix=Fix(number, before, f"{before}\n{found[1]}{scaler}.update()"), advice=f"Call {scaler}.update() after the step, once a turn.", line=number,
    )  # fmt: skip
