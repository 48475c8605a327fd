"""Two players whose losses pull the judge's score of the same samples the same way: neither is the other's opponent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..alarm import Alarm, Severity
from ..origin import first_calls, maker
from .adversaries import of_one_maker, way_in

if TYPE_CHECKING:
    from ....recording.event import Event, Ref
    from ...recorded_run import RecordedRun

_MEANS = frozenset({"mean", "sum"})
_LAYERS = frozenset({"addmm", "mm", "mv", "convolution", "linear", "bmm"})
_FORMS = frozenset({"view", "squeeze", "flatten", "reshape", "_unsafe_view", "unsqueeze"})
_ONE_WAY = frozenset(
    {"neg", "relu", "softplus", "logsigmoid", "log_sigmoid", "rsub", "add", "sub", "mul", "div", "clamp", "sigmoid", "log"}
)
_FAR = 24
_CALLS = 200


def same_way(run: RecordedRun) -> Iterator[Alarm]:
    """D(real).mean() - D(fake.detach()).mean() and -D(fake).mean(): both raise the score of what the generator makes; one alarm."""
    scores = [(score, pull, *way_in(run, score)) for score, pull in pulled_scores(run)]  # each as something that reads the score
    for score, pull, layers, cut in scores:
        if cut is not None:
            continue
        for other, theirs, judge, made in scores:
            if made is None or theirs != pull or not layers & judge or not of_one_maker(run, score, made):
                continue
            real = next((way for _, way, around, cut_off in scores if cut_off is None and around & judge and around < layers), 0)
            if real != -theirs:
                continue  # no judge: it does not tell them from anything, as where two work together on purpose
            word = "raise" if pull > 0 else "lower"
            wrong = other if real < 0 < theirs else score  # by convention a judge gives high scores to what is real
            yield Alarm(
                "one target", Severity.WARNING, "both pull the same way",
                f"A step on the loss of line {other.line} would {word} the score of samples that are cut off there (detach), and one on the loss of line {score.line} {word}s the score of such samples as well, by changing what makes "
                "them: the two work together, and nobody tells the made samples from the real ones.",
                f"Turn the sign of line {wrong.line} round: the judge scores real samples high and made ones low, and what makes them raises its score.", score.index - 1, (score.site, other.site), 1, wrong.line,
            )  # fmt: skip
            return


def pulled_scores(run: RecordedRun) -> Iterator[tuple[Event, int]]:
    """The scores whose mean is part of a loss, each with the way in which a step would move all of them: 1 up, -1 down."""
    known = set[int]()
    for site, event in first_calls(run, _MEANS, most=_CALLS):
        if (
            site.index not in run.trace.fired
            or not event.reads
            or (event.writes[0].value >= 0 and run.recording.form(event.writes[0].value)[0])
        ):
            continue
        for score in _layers_behind(run, event.reads[0], event):
            pull = _pulled(run, score)
            if pull and score.index not in known:
                known.add(score.index)
                yield replace(score, reads=score.writes[:1], index=score.index + 1, line=event.line), pull


def _layers_behind(run: RecordedRun, ref: Ref, at: Event) -> list[Event]:
    """The outputs of layers of which something is made by functions that only rise or only fall, also by differences of two."""
    found: list[Event] = []
    waiting = [(ref, at.index)]
    for each, before in waiting:
        event = maker(run, each, before)
        if event is None or len(waiting) > _FAR:
            return []
        op = event.detail.get("op")
        if op in _LAYERS:
            found.append(event)
        elif op in _FORMS or op in _ONE_WAY:
            waiting += [(one, event.index) for one in event.reads]
        else:
            return []
    return found


def _pulled(run: RecordedRun, score: Event) -> int:
    """The way in which a step against the gradient moves all of some scores: 1 up, -1 down, 0 where they differ."""
    arrivals = run.trace.rows_of_call(score.call).arrivals
    value = next((ref.value for ref in run.trace.event(arrivals[-1]).writes), -1) if arrivals else -1
    gradient = run.recording.array(value) if value >= 0 else None
    if gradient is None or gradient.size < 2 or (gradient.shape[-1] != 1 and gradient.ndim > 1) or not gradient.any():
        return 0
    return 1 if (gradient <= 0).all() else -1 if (gradient >= 0).all() else 0
