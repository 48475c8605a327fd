"""Gathers what is to say of a run, leaves out what follows from something else, and puts the rest in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...recording.event import Kind
from ..alarms import Alarm, find_alarms
from ..diagnosis import diagnose
from ..lint import FAILING, lint
from ..words.names import node_title
from .explanation import Explanation, one_line, unified
from .kept import graphs_grown, graphs_kept
from .kinds import AFTER_AN_ERROR, ALARMS, DIAGNOSES, ERROR, FINDINGS, SYMPTOMS, kind_of, word
from .mending import with_change
from .missed import missed_gradients
from .relevance import matters, unused
from .warned import warnings_told

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

RUN, TEXT = 2, 3  # where an explanation comes from, beside ERROR
STOPPED = "KeyboardInterrupt"
_LONGEST = 400  # letters of PyTorch's text in a message
_SENTENCE_END = re.compile(r"(?<=[\w)\]])\. (?=[A-Z])")


def explain(run: RecordedRun) -> tuple[Explanation, ...]:
    """What is wrong or suspicious; () for a run of which there is nothing to say."""
    error = run.recording.meta.get("error") or {}
    failed = bool(error) and error.get("type") != STOPPED
    found = [(ERROR, one) for one in _of_error(run, error)] if failed else []
    ran = list(_of_run(run))
    found += [(RUN, one) for one in ran]
    told = {one.kind for one in ran}
    found += [(TEXT, one) for one in _of_text(run) if one.kind not in told]
    return tuple(with_change(run, one) for one in _first_causes(found, failed, _first_step(run)))


def _of_error(run: RecordedRun, error: dict[str, object]) -> Iterator[Explanation]:
    kind, text, line = str(error.get("type", "")), str(error.get("text", "")), int(str(error.get("line", 0)))
    words = _SENTENCE_END.split(one_line(text.split("\n")[0]))[0][:_LONGEST].rstrip(".,: ")
    said = f"{kind}: {words}" if words else kind
    found = diagnose(run, text, line)
    if found is None:
        yield Explanation("error", line, _failed_at(run), None, f"{said}.")
        return
    fix = unified(run, found.fix) if found.fix is not None else found.advice
    where = found.line or (found.fix.line if found.fix is not None else 0) or _line(run, found.event) or line
    event = found.event if found.event >= 0 else _failed_at(run)
    yield Explanation(word(DIAGNOSES, found.cause), where, event, _node(run, found.nodes), f"{said}. {found.sentence}", fix)


def _failed_at(run: RecordedRun) -> int:
    event = run.length - 1
    while event >= 0 and run.trace.event(event).kind.name == "PRINT":
        event -= 1
    return event


def _of_text(run: RecordedRun) -> Iterator[Explanation]:
    """The marks of the lint, without what foretells an exception: where one came it says more, and where none came it was wrong."""
    for finding in lint(run.recording.source):
        if finding.rule in FAILING:
            continue
        kind = word(FINDINGS, finding.rule)
        yield Explanation(kind, finding.line, _event_of_line(run, finding.line), None, finding.sentence, finding.advice)


def _of_run(run: RecordedRun) -> Iterator[Explanation]:
    for alarm in find_alarms(run):
        if matters(run, alarm):
            yield _of_alarm(run, alarm)
    yield from warnings_told(run)
    yield from missed_gradients(run)
    yield from graphs_kept(run)
    yield from graphs_grown(run)


def _of_alarm(run: RecordedRun, alarm: Alarm) -> Explanation:
    line = alarm.line or _line(run, alarm.event)
    kind = "unused-parameter" if unused(alarm) else word(ALARMS, alarm.kind)
    return Explanation(kind, line, alarm.event, _node(run, alarm.nodes), alarm.sentence, alarm.advice)


def _first_causes(found: list[tuple[int, Explanation]], failed: bool, first_step: int) -> list[Explanation]:
    """In order of rank, without what another explains and without repetitions; what the run shows before what the text shows."""
    order = sorted(found, key=lambda row: (kind_of(row[1].kind).rank, row[1].event < 0, row[1].event, row[0]))
    kept: list[tuple[int, Explanation]] = []
    for source, one in order:
        rank = kind_of(one.kind).rank
        others = [other for _, other in order if other is not one]
        hidden = any(one.kind in kind_of(other.kind).hides and not _led_to(one, other, first_step) for other in others)
        hidden = hidden or any(_led_to(other, one, first_step) for other in others)
        again = any(other.kind == one.kind and (origin != source or source != TEXT or other.line == one.line) for origin, other in kept)
        after = failed and one.kind in AFTER_AN_ERROR and rank > ERROR
        if not (hidden or again or after):
            kept.append((source, one))
    told = [one for _, one in kept]
    numeric = [one for one in told if one.kind in ("nan", "inf")]
    told = [one for one in told if one not in numeric[1:]]  # an inf becomes a nan: the earlier is the cause
    return [one for one in told if one.kind not in SYMPTOMS] or told


def _first_step(run: RecordedRun) -> int:
    """The first event that moves a parameter, the number of events where none does."""
    rows = (run.columns.kind == int(Kind.OPTIMIZER_STEP)).nonzero()[0]
    return int(rows[0]) if len(rows) else run.length


def _led_to(one: Explanation, other: Explanation, first_step: int) -> bool:
    """Whether a gradient that was too large before any step was taken is why the numbers broke after the first."""
    return one.kind == "exploding-gradient" and other.kind in ("nan", "inf") and 0 <= one.event < first_step < other.event


def _line(run: RecordedRun, event: int) -> int:
    return run.trace.event(event).line if event >= 0 else 0


def _event_of_line(run: RecordedRun, line: int) -> int:
    """The first event of a line, -1 for none."""
    rows = (run.columns.line == line).nonzero()[0]
    return int(rows[0]) if len(rows) else -1


def _node(run: RecordedRun, nodes: tuple[int, ...]) -> str | None:
    known = [node for node in nodes if 0 <= node < len(run.recording.sites)]
    return node_title(run.trace, run.recording.sites[known[0]]) if known else None
