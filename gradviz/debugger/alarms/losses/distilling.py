"""A student that is compared with its teacher at two temperatures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker

if TYPE_CHECKING:
    from ....recording.event import Event
    from ...recorded_run import RecordedRun


def one_temperature(run: RecordedRun) -> Iterator[Alarm]:
    """softmax(teacher / T) against log_softmax(student): only one of the two is softened; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"mul", "kl_div"})):
        if site.index not in trace.fired or len(event.reads) != 2:
            continue
        for student, teacher in (event.reads, event.reads[::-1]):
            own, given = (behind(run, ref, event.index) for ref in (student, teacher))
            if own is None or given is None or own.detail.get("op") != "log_softmax" or given.detail.get("op") != "softmax":
                continue
            if trace.requires_grad(teacher.location, event.index) or not trace.requires_grad(student.location, event.index):
                continue
            soft, plain = _temperature(run, given), _temperature(run, own)
            if max(soft, plain) <= 1 or min(soft, plain) != 1:
                continue
            hot, cold = (given, own) if soft > 1 else (own, given)
            yield Alarm(
                "one temperature", Severity.WARNING, "only one of the two is softened",
                f"{'The teacher' if hot is given else 'The student'} is divided by {max(soft, plain):g} before its softmax (line {hot.line}), and {'the student' if hot is given else 'the teacher'} is not (line {cold.line}): they are the same only "
                f"where the logits of {'the student are' if hot is given else 'the teacher are'} {max(soft, plain):g} times {'smaller' if hot is given else 'larger'}, and not where they agree.",
                "Divide both by the same temperature.", event.index, tuple(dict.fromkeys((cold.site, hot.site))), len(trace.made[site.index]), cold.line,
            )  # fmt: skip
            return


def _temperature(run: RecordedRun, softmax: Event) -> float:
    """The number that the logits of a softmax are divided by, 1 for none."""
    event = maker(run, softmax.reads[0], softmax.index) if softmax.reads else None
    numbers = [each for each in (event.detail.get("numbers") or {}).values() if isinstance(each, int | float)] if event is not None else []
    if event is None or len(event.reads) != 1 or len(numbers) != 1 or not numbers[0]:
        return 1.0
    return float(numbers[0]) if event.detail.get("op") == "div" else 1 / float(numbers[0]) if event.detail.get("op") == "mul" else 1.0
