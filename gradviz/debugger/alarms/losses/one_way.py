"""Losses that pull the wrong way: likenesses that become small, scores that may all grow, a near sample that is pushed away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker, same_numbers

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_FAR = 40  # events that are followed back
_UNIT = 1e-3  # how far from 1 the norm of a unit vector may be
_NEARLY_ALL = 0.9
_JUDGES = frozenset(
    {
        "log_softmax",
        "softplus",
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy",
        "mse_loss",
        "l1_loss",
        "smooth_l1_loss",
        "log",
        "logsumexp",
        "clamp",
    }
)
_SCALED = frozenset({"mean", "sum", "add", "mul", "div"})
_TURNED = frozenset({"neg", "sub", "rsub", "mul"})


def small_likeness(run: RecordedRun) -> Iterator[Alarm]:
    """A loss that is nothing but a mean of products of unit vectors: it is smallest where what was to be alike is opposite; one alarm."""
    trace, columns = run.trace, run.columns
    moved = {trace.tensor_of(event.writes[0].location) for event in _steps(run) if event.writes}
    if len(moved) < 2:
        return  # an input that is moved away from something
    for row in np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))[:2].tolist():
        begin = trace.event(row)
        cosines = _parts(run, begin.reads[0], begin) if begin.reads else []
        if not cosines:
            continue
        first = cosines[0]
        yield Alarm(
            "small likeness", Severity.WARNING, "a likeness is made small",
            f"The loss of line {begin.line} is the mean of products of unit vectors (line {first.line}), which is 1 where the two are alike and -1 where they are opposite: making it small drives them apart.",
            "Make the likeness large: loss = -similarity.mean(), or (1 - similarity).mean().", first.index, (first.site,), len(cosines), first.line,
        )  # fmt: skip
        return


def _steps(run: RecordedRun) -> list[Event]:
    rows = np.flatnonzero(run.columns.kind == int(Kind.OPTIMIZER_STEP))[:200]
    return [run.trace.event(row) for row in rows.tolist()]


def _parts(run: RecordedRun, ref: Ref, at: Event, far: int = _FAR) -> list[Event]:
    """The cosines that a loss is a sum or mean of, with shares above 0; [] where there is anything else in it."""
    made = maker(run, ref, at.index)
    if made is None or not far:
        return []
    if _cosine(run, made):
        return [made]
    numbers = [number for number in (made.detail.get("numbers") or {}).values() if isinstance(number, int | float)]
    plain = same_numbers(made) or made.detail.get("op") in _SCALED
    if (
        not plain
        or not made.reads
        or any(number <= 0 for number in numbers)
        or (made.detail.get("op") in ("mul", "div") and len(made.reads) > 1)
    ):
        return []
    found = [_parts(run, each, made, far - 1) for each in made.reads]
    return [event for part in found for event in part] if all(found) else []


def _cosine(run: RecordedRun, event: Event) -> bool:
    """Whether an event sums products of vectors that all have norm 1."""
    product = maker(run, event.reads[0], event.index) if event.detail.get("op") == "sum" and len(event.reads) == 1 else None
    if (
        product is None
        or product.detail.get("op") != "mul"
        or len(product.reads) != 2
        or (event.detail.get("params") or {}).get("dim") in (None, 0)
    ):
        return False
    arrays = [run.recording.array(ref.value) if ref.value >= 0 else None for ref in product.reads]
    return all(array is not None and array.ndim > 1 and np.allclose(np.linalg.norm(array, axis=-1), 1, atol=_UNIT) for array in arrays)


def scores_may_grow(run: RecordedRun) -> Iterator[Alarm]:
    """-(logsigmoid(a) + logsigmoid(b)) as the whole loss, with no minus before either score: both may grow without end, and nothing keeps any down; one alarm."""
    trace, recording = run.trace, run.recording
    if any(site.op in _JUDGES and site.index in trace.fired for site in recording.sites):
        return
    found = [(site, event) for site, event in first_calls(run, frozenset({"log_sigmoid"})) if site.index in trace.fired and event.reads]
    lines = {event.line for event in _steps(run)}
    if len(found) < 2 or len(lines) != 1 or any(_against(run, event) for _, event in found):
        return
    sources = [_weights(run, event) for _, event in found]
    if not set.intersection(*sources):
        return
    (_, one), (site, other) = found[0], found[-1]
    yield Alarm(
        "scores may grow", Severity.WARNING, "nothing keeps a score small",
        f"Lines {one.line} and {other.line} both take the logsigmoid of a score as it is, of the same parameters: the loss falls for ever while all scores grow, also those of pairs that do not belong together.",
        "Give the pairs that were drawn at random the other sign: F.logsigmoid(-score).", other.index, (site.index,), 1, other.line,
    )  # fmt: skip


def _against(run: RecordedRun, event: Event) -> bool:
    """Whether a minus, or a difference of two scores, stands before what is judged."""
    made = maker(run, event.reads[0], event.index)
    for _ in range(_FAR):
        if made is None or not made.reads:
            return False
        op, numbers = made.detail.get("op"), (made.detail.get("numbers") or {}).values()
        if op in ("neg", "sub", "rsub") or (op in _TURNED and any(isinstance(number, int | float) and number < 0 for number in numbers)):
            return True
        if not (same_numbers(made) or op in ("mul", "div", "add", "sum")) or len(made.reads) > 1:
            return False
        made = maker(run, made.reads[0], made.index)
    return False


def _weights(run: RecordedRun, event: Event) -> set[int]:
    """The leaves that a value is computed from."""
    trace, waiting, found = run.trace, [event], set()
    for each in waiting:
        for ref in each.reads:
            made = maker(run, ref, each.index)
            if made is not None and made.kind == Kind.CREATE_LEAF:
                found.add(trace.tensor_of(ref.location))
            elif made is not None and len(waiting) < _FAR:
                waiting.append(made)
    return found


def near_one_pushed_away(run: RecordedRun) -> Iterator[Alarm]:
    """relu(d(a, b) - d(a, c) + margin), where the sample c is nearer to a than b is before any network has seen them: b and c are exchanged; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"clamp", "relu"})):
        if site.index not in trace.fired or not event.reads:
            continue
        sides = _difference(run, event)
        if sides is None:
            continue
        pulled, pushed = (_sample_pair(run, side) for side in sides)
        if pulled is None or pushed is None:
            continue
        anchors = [one for one in pulled if any(one is other or np.array_equal(one, other) for other in pushed)]
        near = [one for one in pulled if not any(np.array_equal(one, anchor) for anchor in anchors)]
        far = [one for one in pushed if not any(np.array_equal(one, anchor) for anchor in anchors)]
        if len(anchors) != 1 or len(near) != 1 or len(far) != 1 or len(anchors[0]) < 8:
            continue
        before = [np.linalg.norm((each - anchors[0]).reshape(len(each), -1), axis=1) for each in (near[0], far[0])]
        share = float((before[0] > before[1]).mean())
        if share < _NEARLY_ALL:
            continue
        yield Alarm(
            "near one pushed away", Severity.WARNING, "the near sample is pushed away",
            f"The loss of line {site.line} pulls two samples together and pushes another away, and in {share:.0%} of the rows the data of the one that is pushed away are nearer to the anchor than those of the one that is pulled: "
            "positive and negative are exchanged.", "The order is anchor, positive, negative.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _difference(run: RecordedRun, hinge: Event) -> tuple[Event, Event] | None:
    """The two distances of which the first is to be smaller, behind a hinge: d1 + margin - d2 in any order of writing."""
    made = maker(run, hinge.reads[0], hinge.index)
    for _ in range(3):
        if made is None or not made.reads:
            return None
        if made.detail.get("op") == "sub" and len(made.reads) == 2:
            first, second = (_distance(run, ref, made) for ref in made.reads)
            return (first, second) if first is not None and second is not None else None
        if made.detail.get("op") != "add" or len(made.reads) != 1:
            return None
        made = maker(run, made.reads[0], made.index)
    return None


def _distance(run: RecordedRun, ref: Ref, at: Event) -> Event | None:
    """The difference of two rows of vectors whose norm, or sum of squares, a value is."""
    made = maker(run, ref, at.index)
    for _ in range(6):
        if made is None or not made.reads:
            return None
        if made.detail.get("op") == "sub" and len(made.reads) == 2:
            return made
        if made.detail.get("op") not in ("add", "linalg_vector_norm", "sum", "pow", "square", "sqrt", "mean") or len(made.reads) != 1:
            return None
        made = maker(run, made.reads[0], made.index)
    return None


def _sample_pair(run: RecordedRun, difference: Event) -> tuple[np.ndarray, np.ndarray] | None:
    """The data that the two sides of a difference were computed from."""
    found = [_data(run, ref, difference) for ref in difference.reads]
    return (found[0], found[1]) if found[0] is not None and found[1] is not None and found[0].shape == found[1].shape else None


def _data(run: RecordedRun, ref: Ref, at: Event) -> np.ndarray | None:
    """The first numbers on the way back that require no gradient and have as many rows."""
    rows = run.recording.form(ref.value)[0][:1] if ref.value >= 0 else ()
    for _ in range(_FAR):
        if not run.trace.requires_grad(ref.location, at.index):
            return run.recording.array(ref.value) if ref.value >= 0 else None
        made = maker(run, ref, at.index)
        same = (
            [each for each in made.reads if each.value >= 0 and run.recording.form(each.value)[0][:1] == rows] if made is not None else []
        )
        plain = [each for each in same if not run.trace.requires_grad(each.location, made.index)] if made is not None else []
        if made is None or not same:
            return None
        ref, at = (plain or same)[0], made
    return None
