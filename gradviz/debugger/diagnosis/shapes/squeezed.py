"""A loss whose prediction has lost a dimension that its target still has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ..finding import Diagnosis, replaced, source_line

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_BACK = 40  # events before the error
_BARE = r"\.squeeze\(\s*\)"


def squeezed_away(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """squeeze() of a batch of one sample: it takes away all dimensions of size 1, that of the samples as well."""
    sizes = re.search(r"Target size \(torch\.Size\(\[(.*?)\]\)\) must be the same as input size \(torch\.Size\(\[(.*?)\]\)\)", text)
    target, given = ([part for part in group.split(", ") if part] for group in sizes.groups()) if sizes is not None else ([], [])
    if sizes is None or target[:1] != ["1"] or given != target[1:]:
        return None
    rows = np.flatnonzero(run.columns.kind[-_BACK:] == int(Kind.VIEW)) + max(run.length - _BACK, 0)
    for event in map(run.trace.event, reversed(rows.tolist())):
        if event.detail.get("op") != "squeeze" or not re.search(_BARE, source_line(run, event.line)):
            continue
        return Diagnosis(
            "batch squeezed away", f"squeeze() in line {event.line} takes away all dimensions of size 1: of a batch of one sample (the last one of an epoch, say) also that of the samples, and the loss in line {line} "
            f"meets shape [{', '.join(given)}] with the target's [{', '.join(target)}].", event.index, (event.site,), replaced(run, event.line, _BARE, ".squeeze(-1)"),
            "Name the dimension: squeeze(-1) or squeeze(1).", event.line,
        )  # fmt: skip
    return None
