"""The training loop: forgotten zero_grad, steps of frozen tensors, sizes of updates, the first loss."""

from __future__ import annotations

import ast
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...float64 import widened
from ...script.syntax import syntax_tree, unparse, walk
from ...words.captions import number as told
from ...words.names import node_title
from ..alarm import Alarm, Severity, Thresholds
from ..origin import readers
from ..standing import standing_at
from .diverging import rate, updates_by_hand
from .evaluation import of_this_batch

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LEFT = 0.01  # of a gradient, below which it counts as scaled away
_READERS = 8  # layers that read a parameter, and what reads those
_EARLY = 50  # steps whose size is judged: later ones are small because the training is over


def steps(run: RecordedRun, thresholds: Thresholds) -> Iterator[Alarm]:
    """What is wrong with the optimizer's steps, one alarm a parameter and kind."""
    columns, recording, trace = run.columns, run.recording, run.trace
    rows = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))
    moved = np.where(recording.detail_of(rows, "skipped") != 1, recording.first_owners(rows), -1)
    by_tensor: dict[int, list[int]] = {}
    for row, tensor in zip(rows.tolist(), moved.tolist(), strict=True):
        if tensor >= 0:
            by_tensor.setdefault(tensor, []).append(row)
    for tensor, taken in updates_by_hand(run).items():
        leaf = trace.site_of_tensor(tensor)
        if leaf >= 0 and tensor not in by_tensor:
            yield from _added_to(run, leaf, node_title(trace, recording.sites[leaf]), taken)
    for tensor, taken in by_tensor.items():
        leaf = trace.site_of_tensor(tensor)
        if leaf < 0:
            continue
        name = node_title(trace, recording.sites[leaf])
        yield from _stale(run, leaf, name, taken)
        yield from _frozen(run, tensor, leaf, name, taken)
        yield from _ratio(run, tensor, leaf, name, taken, thresholds)


def _stale(run: RecordedRun, leaf: int, name: str, taken: list[int]) -> Iterator[Alarm]:
    """A step that uses gradients from before the step before it: zero_grad was forgotten."""
    trace = run.trace
    for number, (row, standing) in enumerate(standing_at(run, leaf, taken[1:]), 1):
        older = standing[: bisect_left(standing, taken[number - 1])]
        if not older:
            continue
        last = trace.event(taken[number - 1])
        if (
            len(older) == len(standing)
            and _doubled(run, taken)
            and last.step == trace.event(row).step
            and last.line != trace.event(row).line
        ):
            one = _of_one_optimizer(run, last, trace.event(row))
            line = _called_from(run, trace.event(row).line)
            yield Alarm(
                "moved twice", Severity.WARNING, "one gradient moves it twice",
                f"step() in line {trace.event(row).line} moves {name} by the gradient that step() in line {last.line} has moved it by already: "
                f"{'one optimizer is stepped twice for one backward()' if one else 'two optimizers hold it'}"
                f"{f', the second time by line {line}' if line != trace.event(row).line else ''}.",
                "Step once after each backward()." if one else "Give each parameter to one optimizer.", row, (leaf,), len(taken) // 2, line,
            )  # fmt: skip
            return
        if run.trace.requires_grad(run.trace.location("val", run.trace.tensor_of(trace.event(row).writes[0].location)), row):
            yield Alarm(
                "stale sum", Severity.ERROR, "zero_grad forgotten",
                f"At step {number + 1} {name}.grad holds the sum of {len(standing)} backward passes; {_used(len(older))} by a step already.",
                "Call optimizer.zero_grad() in each turn of the loop, before backward() or after step().", row, (leaf,), len(taken) - number,
                trace.event(standing[-1]).line,
            )  # fmt: skip
            return


def _added_to(run: RecordedRun, leaf: int, name: str, taken: list[int]) -> Iterator[Alarm]:
    """An update by hand with a gradient that was added to one which the update before has used."""
    trace = run.trace
    for before, (row, standing) in zip(taken, standing_at(run, leaf, taken[1:]), strict=False):
        older = standing[: bisect_left(standing, before)]
        if older and len(older) < len(standing) and _gradient_read(run, standing[-1], row):
            yield Alarm(
                "stale sum", Severity.ERROR, ".grad is not cleared",
                f"The update in line {trace.event(row).line} uses {name}.grad, which holds the sum of {len(standing)} backward passes; {_used(len(older))} by "
                "an update already.", f"Set {name}.grad = None (or {name}.grad.zero_()) after each update.", row, (leaf,), 1, trace.event(standing[-1]).line,
            )  # fmt: skip
            return


def _gradient_read(run: RecordedRun, filled: int, row: int) -> bool:
    """Whether anything reads what a backward pass left in a leaf's `.grad` before an update: a moving average of other weights does not."""
    value = run.trace.event(filled).writes[0].value
    return any(ref.value == value for between in range(filled + 1, row + 1) for ref in run.trace.event(between).reads)


def _used(passes: int) -> str:
    return f"{passes} of them were used" if passes > 1 else "one of them was used"


def _of_one_optimizer(run: RecordedRun, one: Event, other: Event) -> bool:
    """Whether two steps are of one optimizer: they write the same state, or there is but one in the script."""
    states = [{ref.location for ref in event.writes[1:]} for event in (one, other)]
    made = [node for node in walk(syntax_tree(run.recording.source)) if isinstance(node, ast.Call) and "optim." in unparse(node.func) + "."]
    return bool(states[0] & states[1]) if any(states) else len(made) == 1


def _called_from(run: RecordedRun, line: int) -> int:
    """The one line that calls the function of a line, where that function does nothing else; the line itself elsewhere."""
    tree = syntax_tree(run.recording.source)
    holder = next(
        (node for node in walk(tree) if isinstance(node, ast.FunctionDef) and len(node.body) == 1 and node.body[0].lineno == line), None
    )
    if holder is None:
        return line
    inside = {id(node) for found in walk(tree) if isinstance(found, ast.FunctionDef) for node in walk(found)}
    places = {
        node.lineno for node in walk(tree)
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] == holder.name and id(node) not in inside
    }  # fmt: skip
    return places.pop() if len(places) == 1 else line


def _doubled(run: RecordedRun, taken: list[int]) -> bool:
    """Whether a parameter is stepped more than once in several turns of a loop."""
    steps = Counter(run.trace.event(row).step for row in taken)
    return sum(count > 1 for count in steps.values()) > 1


def _frozen(run: RecordedRun, tensor: int, leaf: int, name: str, taken: list[int]) -> Iterator[Alarm]:
    """A step of a tensor that no longer requires grad, with what is left in its `.grad`."""
    trace = run.trace
    location = trace.location("val", tensor)
    if not trace.writes(trace.location("flag", tensor)):
        return
    frozen = [row for row in taken if not trace.requires_grad(location, row)]
    if frozen:
        yield Alarm(
            "frozen step", Severity.WARNING, "a frozen tensor is moved",
            f"{name} does not require grad any more, and the optimizer still moves it with the gradient that is left in {name}.grad.",
            "Set its .grad to None when you freeze it, or give the optimizer only what requires grad.", frozen[0], (leaf,), len(frozen),
        )  # fmt: skip


def _ratio(run: RecordedRun, tensor: int, leaf: int, name: str, taken: list[int], thresholds: Thresholds) -> Iterator[Alarm]:
    """log10 of the update's norm over the parameter's, the median over all steps."""
    trace, recording = run.trace, run.recording
    location = trace.location("val", tensor)
    found, still = [], 0
    for row in taken[:_EARLY]:
        before, after = trace.value_at(location, row - 1), trace.event(row).writes[0].value
        old, new = (recording.array(value) if value >= 0 else None for value in (before, after))
        if old is None or new is None or old.size < 2:
            continue
        if not (np.isfinite(old).all() and np.isfinite(new).all()):
            continue
        size, moved = float(np.linalg.norm(widened(old))), float(np.linalg.norm(widened(new) - old))
        if size > 0 and moved > 0 and math.isfinite(moved):
            found.append(math.log10(moved / size))
        still += size > 0 and moved == 0
    if still > len(found):  # updates that are lost in the rounding of float32, or there are none
        shrunk = _shrunk(run, tensor, leaf, name, taken[:_EARLY], "nothing at all")
        if shrunk is not None:
            yield shrunk
    if len(found) < 3:
        return
    middle = float(np.median(found))
    if middle < thresholds.update_low or middle > thresholds.update_high:
        slow = middle < thresholds.update_low
        if slow and _taken_out_again(run, location):
            return
        shrunk = _shrunk(run, tensor, leaf, name, taken[:_EARLY], f"{told(10.0**middle)} of its size") if slow else None
        if shrunk is not None:
            yield shrunk
            return
        yield Alarm(
            "update ratio", Severity.HINT, "updates too small" if slow else "updates too large",
            f"A step moves {name} by {told(10.0**middle)} of its size (median of {len(found)} steps); about 0.001 is usual.",
            "Raise the learning rate." if slow else "Lower the learning rate, or clip the gradient.", taken[0], (leaf,), len(found), rate(run, trace.event(taken[0]), of_group=True)[0],
            share=10.0**middle,
        )  # fmt: skip


def _taken_out_again(run: RecordedRun, location: int) -> bool:
    """Whether a bias is added to what a batch norm takes the mean from: its gradient is 0 but for rounding, whatever the learning rate."""
    layers = [event for event in readers(run, location, most=_READERS) if event.kind == Kind.OP and event.writes]
    results = {event.writes[0].location for event in layers}
    after = [event for result in results for event in readers(run, result, most=_READERS) if event.kind == Kind.OP]
    return bool(after) and all(of_this_batch(event) and event.reads[0].location in results for event in after)


def _shrunk(run: RecordedRun, tensor: int, leaf: int, name: str, taken: list[int], moved: str) -> Alarm | None:
    """Something between backward and step that leaves next to nothing of the gradient: a clip to a tiny norm, a factor."""
    trace, found = run.trace, list[tuple[float, float, int]]()
    location = trace.location("grad", tensor)
    rows = trace.writes(location)
    for step in taken:
        earlier = rows[: bisect_left(rows, step)]
        brought = next((row for row in reversed(earlier) if int(run.columns.kind[row]) == Kind.ACCUMULATE), None)
        if brought is None or brought == earlier[-1]:
            continue
        before, after = (trace.norm(trace.value_at(location, row)) for row in (brought, earlier[-1]))
        if before > 0:
            found.append((after / before, before, earlier[-1]))
    if not found or float(np.median([share for share, _, _ in found])) > _LEFT:
        return None
    share, before, row = found[0]
    line = trace.event(row).line
    return Alarm(
        "shrunk gradient", Severity.WARNING, "gradient is scaled away",
        f"Line {line} makes {name}.grad smaller before the step of line {trace.event(taken[0]).line} uses it, from {before:.2g} to {share * before:.2g} (norm), "
        f"{len(found)} of {len(taken)} times: a step moves {name} by {moved}.",
        "max_norm is the largest norm that clipping lets through: 1 is usual. A gradient that is scaled for another reason needs a learning rate to match.",
        row, (leaf,), len(found), line,
    )  # fmt: skip


def first_loss(run: RecordedRun, thresholds: Thresholds) -> Iterator[Alarm]:
    """The first cross-entropy against log(classes), what guessing costs."""
    trace, recording, columns = run.trace, run.recording, run.columns
    ops = {site.index for site in recording.sites if site.op in ("cross_entropy", "nll_loss", "nll_loss_nd")}
    rows = np.flatnonzero(np.isin(columns.site, list(ops)) & (columns.kind == int(Kind.OP))) if ops else np.zeros(0, np.int64)
    if not len(rows):
        return
    event = trace.event(int(rows[0]))
    shape = list(recording.form(event.reads[0].value)[0]) if event.reads and event.reads[0].value >= 0 else []
    value = recording.array(event.writes[0].value) if event.writes else None
    if len(shape) < 2 or value is None or value.size != 1:
        return
    classes = shape[1]
    guessing, loss = math.log(classes), float(value.reshape(-1)[0])
    if loss > thresholds.start_factor * guessing:
        yield Alarm(
            "loss at start", Severity.HINT, "the first loss is high",
            f"The first loss is {loss:.3g}; guessing among {classes} classes costs log({classes}) = {guessing:.3g}. The model begins confidently wrong.",
            "Make the last layer's weights smaller at the start, and look at the scale of the data.", event.index, (event.site,),
        )  # fmt: skip
