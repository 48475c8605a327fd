"""PyTorch's warnings, which a script prints on stderr and few read, with the line of the script that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...recording.event import Kind
from .explanation import Explanation

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_WARNING = re.compile(r"^(?P<file>.*?):(?P<line>\d+): \w*Warning: (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Row:
    pattern: str
    kind: str
    sentence: str
    fix: str


_ROWS = (
    _Row(r"The \.grad attribute of a Tensor that is not a leaf", "grad-of-non-leaf",
         "{name} in line {line} was computed: its gradient passes through and is not kept, so {name}.grad is None.", "Call {name}.retain_grad() before backward()."),
    _Row(r"Using a target size \(torch\.Size\((\[.*?\])\)\) that is different to the input size \(torch\.Size\((\[.*?\])\)\)", "accidental-broadcast",
         "The loss in line {line} compares an input of shape {1} with a target of shape {0}: they are broadcast against each other, and every element of one meets "
         "every element of the other.", "Bring both to one shape: target.unsqueeze(1), or input.squeeze(1)."),
    _Row(r"Detected call of `lr_scheduler\.step\(\)` before `optimizer\.step\(\)`", "scheduler-order",
         "The scheduler's step() in line {line} comes before the optimizer's first one: the first learning rate of the schedule is never used.",
         "Call it after optimizer.step(), at the end of the turn."),
    _Row(r"reduction: 'mean' divides the total loss by both the batch size and the support size", "divided-twice",
         "kl_div in line {line} takes the mean over all numbers, also over the classes of each sample: it is as many times too small as there are classes.",
         'Write reduction="batchmean": the sum over the classes, and the mean over the samples.'),
    _Row(r"`parameters` is an empty generator, no gradient clipping will occur", "clipping-order",
         "The clipping in line {line} is given a generator that was used up before: nothing is clipped.", "Call model.parameters() here again, or make a list of it."),
)  # fmt: skip


def warnings_told(run: RecordedRun) -> Iterator[Explanation]:
    """What the known warnings mean, each once a line."""
    source = run.recording.source.splitlines()
    told: set[tuple[str, int]] = set()
    for row in np.flatnonzero(run.columns.kind == int(Kind.PRINT)).tolist():
        event = run.trace.event(row)
        if event.detail.get("stream") != "stderr":
            continue
        for found in _WARNING.finditer(str(event.detail.get("text", ""))):
            known = next(((one, match) for one in _ROWS if (match := re.search(one.pattern, found["text"]))), None)
            if known is None:
                continue
            one, match = known
            line = event.line or int(found["line"])
            if (one.kind, line) in told:
                continue
            told.add((one.kind, line))
            read = re.search(r"([A-Za-z_][\w.]*)\.grad\b", source[line - 1] if 0 < line <= len(source) else "")
            words = {"line": line, "name": read[1] if read else "The tensor"}
            yield Explanation(
                one.kind, line, row, read[1] if read else None, one.sentence.format(*match.groups(), **words), one.fix.format(**words)
            )
