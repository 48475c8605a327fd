"""The change of the script that mends what an alarm, a mark of the lint or an explanation tells of, where there is a mechanical one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..remedies import remedy
from .explanation import Explanation, unified
from .kinds import ALARMS, FINDINGS, word

if TYPE_CHECKING:
    from ..alarms import Alarm
    from ..diagnosis import Fix
    from ..lint import Finding
    from ..recorded_run import RecordedRun


def of_alarm(run: RecordedRun, alarm: Alarm) -> Fix | None:
    """What mends an alarm."""
    line = alarm.line or (run.trace.event(alarm.event).line if alarm.event >= 0 else 0)
    return remedy(run.recording.source, word(ALARMS, alarm.kind), line, alarm.advice)


def of_finding(source: str, finding: Finding) -> Fix | None:
    """What mends a mark of the lint."""
    return remedy(source, word(FINDINGS, finding.rule), finding.line, finding.advice)


def with_change(run: RecordedRun, one: Explanation) -> Explanation:
    """An explanation with the change as a diff in the place of its advice, where there is one."""
    if one.fix.startswith("---"):
        return one
    fix = remedy(run.recording.source, one.kind, one.line, one.fix)
    return replace(one, fix=unified(run, fix)) if fix is not None else one
