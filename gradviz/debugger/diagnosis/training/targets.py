"""Targets of a dtype that their loss does not take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..finding import Diagnosis, Fix, source_line
from ..operands import failed_event, operands, replaced_name, written

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_WHOLE = {"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool"}
_LOSS = re.compile(r"binary_cross_entropy|bce|criterion|loss\w*\(", re.IGNORECASE)
_IN_PLACE = re.compile(r"[-+*/]=|\w_\(")


def whole_targets(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Labels of 0 and 1 as whole numbers: binary_cross_entropy takes what could be 0.3 as well."""
    found = re.search(r"result type \w+ can't be cast to the desired output type (\w+)", text)
    before = source_line(run, line)
    if found is None or found[1] not in _WHOLE or _IN_PLACE.search(before) or not _LOSS.search(before):
        return None
    wanted = _WHOLE[found[1]]
    target = next(
        (
            each
            for each in operands(run, line)
            if each.named and each.made.writes and run.recording.form(each.made.writes[0].value)[1] == wanted
        ),
        None,
    )
    if target is None:
        return None
    fix = Fix(line, before, replaced_name(before, target.name, f"{target.name}.float()")) if written(before, target.name) else None
    return Diagnosis(
        "whole targets", f"The loss of line {line} takes targets that are floating numbers, as they may lie between 0 and 1, and {target.told(line)}, is {wanted}.", failed_event(run),
        fix=fix, advice=f"Convert it: {target.name}.float().", line=line,
    )  # fmt: skip
