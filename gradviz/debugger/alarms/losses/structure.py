"""What is built so that it cannot learn as meant: units that start alike, linear on linear, softmax over the batch, targets with a history."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...scene import NodeKind
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, readers, written_at

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TARGET = re.compile(r"(?:^|_)(target|targets|goal|goals|label|labels|truth|y_true|expected|td_target)(?:_|$|\d)", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:h|x|z|a|y|out|hidden|act)_?\d*$")  # what people call a layer's output
_LOOKED_AT = 4000
_MASKING = frozenset({"masked_fill", "mul", "where"})
_LITTLE = 1e-2
_SHARE = 0.2
_VIEWS = 4  # between weights and the product that mixes by them: matmul makes bmm's three dimensions


def alike(run: RecordedRun) -> Iterator[Alarm]:
    """Matrices whose columns (or rows) are all the same after several updates: units that start alike stay alike."""
    trace, columns, recording = run.trace, run.columns, run.recording
    for node in run.graph().nodes:
        if node.kind != NodeKind.PARAMETER or len(node.shape) != 2 or min(node.shape) < 2 or not len(trace.made[node.id]):
            continue
        born = trace.event(int(trace.made[node.id][-1]))
        if not born.writes:
            continue
        location, passes = born.writes[0].location, np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
        written = [row for row in trace.writes(location) if columns.phase[row] == int(Phase.UPDATE) and len(passes) and row > passes[0]]
        skipped = recording.detail_of(np.array(written, np.int64), "skipped") == 1 if len(written) > 1 else True
        writes = [] if np.all(skipped) else written
        value = trace.value_at(location, run.length)
        array = recording.array(value) if len(writes) > 1 and value >= 0 else None
        axis = _alike_along(array) if array is not None and array.shape == node.shape else None
        if array is None or axis is None:
            continue
        kind, filled = ("columns", "rows")[1 - axis], _filled(run, location, writes[0], node.line)
        if not filled:
            continue  # they differed at the start
        yield Alarm(
            "alike", Severity.WARNING, "units that are all alike",
            f"The {array.shape[axis]} {kind} of {node.title} (line {node.line}{f', filled by line {filled}' if filled != node.line else ''}) are the same still after {len(writes)} updates: units that start alike get the same "
            "gradient, and work as one.",
            "Start from random numbers (torch.randn(...) * 0.1, or the initialisation of nn.Linear): they make the units differ.",
            writes[0], (node.id,), len(writes), filled,
        )  # fmt: skip


def _alike_along(array: np.ndarray) -> int | None:
    """1 where all columns of a matrix are the same, 0 where all rows are, None where neither."""
    return 1 if (array == array[:, :1]).all() else 0 if (array == array[:1]).all() else None


def _filled(run: RecordedRun, location: int, update: int, made: int) -> int:
    """The line that made the units of a matrix alike before the first update, which is not where the layer stands if they were filled afterwards; 0 where they differed."""
    line = 0
    for row in reversed([row for row in run.trace.writes(location) if row < update]):
        value = run.trace.value_at(location, row)
        array = run.recording.array(value) if value >= 0 else None
        if array is None or array.ndim != 2:
            return line or made  # the numbers of a long run are not all kept
        if _alike_along(array) is None:
            break
        line = run.trace.event(row).line or line
    return line


def linear_on_linear(run: RecordedRun) -> Iterator[Alarm]:
    """A linear layer whose input is the output of another one; not where several optimizers train models of their own, such as a GAN's."""
    trace, recording = run.trace, run.recording
    if len(set(run.columns.line[run.columns.kind == int(Kind.OPTIMIZER_STEP)].tolist())) > 1:
        return
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op != "addmm" or not len(made):
            continue
        event = trace.event(int(made[0]))
        if len(event.reads) != 3:
            continue
        before = trace.producer(event.reads[1].location, event.index)
        if before < 0 or recording.sites[before].op != "addmm" or not event.detail.get("grad_fn"):
            continue
        if not trace.has_history(trace.event(int(trace.made[before][0]))):
            continue  # a frozen model with a new last layer
        inner, middle, outer = (
            _width(run, ref.value) for ref in (trace.event(int(trace.made[before][0])).reads[1], event.reads[1], event.writes[0])
        )
        named = recording.sites[before].name
        if (middle < inner and middle <= outer) or (named and not _HIDDEN.match(named)):
            continue  # a bottleneck, or a thing of its own: the code of an autoencoder, what a generator makes
        one, other = node_title(trace, recording.sites[before]), node_title(trace, site)
        lines = (
            f"line {site.line}" if recording.sites[before].line == site.line else f"lines {recording.sites[before].line} and {site.line}"
        )
        yield Alarm(
            "linear on linear", Severity.HINT, "two linear layers in a row",
            f"{other} takes the output of {one} as it is ({lines}): two linear layers with nothing between them are one linear layer.",
            "Put an activation between them (relu, tanh), if it is not a bottleneck on purpose.", event.index, (site.index, before), len(made),
        )  # fmt: skip
        return


def straight_activations(run: RecordedRun) -> Iterator[Alarm]:
    """LeakyReLU(True), where inplace=True was meant: the slope on the left is 1 as well, and the activation is a straight line; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"leaky_relu"})):
        if site.index not in trace.fired or (event.detail.get("params") or {}).get("slope") != 1:
            continue
        line = written_at(run, site.line, "leaky_relu")
        flag = (event.detail.get("params") or {})["slope"] is True
        yield Alarm(
            "linear on linear", Severity.WARNING, "an activation that is a straight line",
            f"The LeakyReLU of line {line} has the slope 1 below 0 as well as above: it gives what it is given, and the layers around it are one linear layer."
            + (" Its first argument is that slope, and no flag." if flag else ""),
            "Write LeakyReLU(0.01, inplace=True), or leave the argument away.", event.index, (site.index,), len(trace.made[site.index]), line,
        )  # fmt: skip
        return


def _width(run: RecordedRun, value: int) -> int:
    shape = run.recording.form(value)[0] if value >= 0 else ()
    return int(shape[-1]) if shape else 0


def over_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """softmax of a matrix along its first dimension, on the way to a loss."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in ("softmax", "log_softmax") or not len(made):
            continue
        event = trace.event(int(made[0]))
        shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        dim = event.detail.get("params", {}).get("dim")
        if len(shape) != 2 or shape[0] < 2 or dim not in (0, -2) or site.index not in trace.fired:
            continue
        yield Alarm(
            "over the batch", Severity.WARNING, f"{site.op} over the batch",
            f"{node_title(trace, site)} (line {site.line}) is a {site.op} over dimension 0 of shape {tuple(shape)}: each column sums to 1, over the "
            f"{shape[0]} samples, and not each row over the {shape[1]} classes.",
            "Take dim=1 (or -1) for rows that are samples.", event.index, (site.index,), len(made),
        )  # fmt: skip


def mixed_by_columns(run: RecordedRun) -> Iterator[Alarm]:
    """softmax weights that a product adds up along another dimension than the one along which they sum to 1."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op != "softmax" or not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        shape = recording.form(event.writes[0].value)[0] if event.writes and event.writes[0].value >= 0 else ()
        dim = (event.detail.get("params") or {}).get("dim")
        if len(shape) < 2 or not isinstance(dim, int):
            continue
        normed = dim - len(shape) if dim >= 0 else dim
        summed = _summed_along(run, event, shape)
        if summed is None or summed[1] == normed or shape[summed[1]] < 2:
            continue
        product, along = summed
        yield Alarm(
            "columns mixed", Severity.WARNING, "the weights of a mixture do not sum to 1",
            f"{node_title(trace, site)} (line {site.line}) is a softmax over dimension {dim} of shape {tuple(shape)}, and the product of line {product.line} adds up along "
            f"dimension {len(shape) + along}: the weights with which it mixes do not sum to 1.",
            f"Take dim={along} in the softmax.", event.index, (site.index, product.site), len(made), site.line,
        )  # fmt: skip


def masked_after_softmax(run: RecordedRun) -> Iterator[Alarm]:
    """Weights of a softmax of which a mask takes some away afterwards: what is left does not sum to 1; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op == "softmax" and len(made) and site.index in trace.fired else None
        if event is None or not event.writes or event.writes[0].value < 0:
            continue
        dim = (event.detail.get("params") or {}).get("dim")
        readers = [trace.event(int(row)) for row in recording.reads_of(event.writes[0].location)]
        for masked in (
            reader for reader in readers if reader.detail.get("op") in _MASKING and reader.site in trace.fired and reader.writes
        ):
            before, after = (recording.array(ref.value) if ref.value >= 0 else None for ref in (event.writes[0], masked.writes[0]))
            if before is None or after is None or after.shape != before.shape or not isinstance(dim, int) or not _mixes(run, masked):
                continue
            kept = after == before
            sums = after.sum(axis=dim)
            taken = ~kept & ((after == 0) | (after < 0))
            if not (kept | taken).all() or float(((np.abs(sums - 1) > _LITTLE) & kept.any(axis=dim)).mean()) < _SHARE:
                continue
            yield Alarm(
                "masked late", Severity.WARNING, "the mask comes after the softmax",
                f"Line {masked.line} masks the weights of the softmax of line {site.line} when they are made already: what is left of a row sums to {float(sums.min()):.3g} to {float(sums.max()):.3g} "
                "and not to 1, and what was masked has taken its share.",
                'Mask the scores before the softmax: scores.masked_fill(mask == 0, float("-inf")).', masked.index, (masked.site, site.index), len(made), masked.line,
            )  # fmt: skip
            return


def _mixes(run: RecordedRun, made: Event) -> bool:
    """Whether a product adds something up by the weights that an op made, directly or as views of them."""
    trace, waiting = run.trace, [made.writes[0].location]
    for location in waiting:
        for reader in (trace.event(int(row)) for row in run.recording.reads_of(location)):
            if reader.site not in trace.fired or len(waiting) > 2 * _VIEWS:
                continue
            if reader.detail.get("op") in ("mm", "bmm", "mv"):
                return True
            summed = {trace.event(int(row)).detail.get("op") for ref in reader.writes for row in run.recording.reads_of(ref.location)}
            if reader.detail.get("op") == "mul" and len(reader.reads) == 2 and "sum" in summed:
                return True
            if reader.kind == Kind.VIEW:
                waiting += [ref.location for ref in reader.writes]
    return False


def shared_by_all(run: RecordedRun) -> Iterator[Alarm]:
    """exp(x) / exp(x).sum() without a dimension: the shares of a whole batch sum to 1, and not those of each sample; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"div"})):
        if len(event.reads) < 2 or site.index not in trace.fired or min(ref.value for ref in event.reads[:2]) < 0:
            continue
        shape, whole = (recording.form(ref.value)[0] for ref in event.reads[:2])
        above, total = (maker(run, ref, event.index) for ref in event.reads[:2])
        if (
            above is None
            or total is None
            or above.detail.get("op") != "exp"
            or total.detail.get("op") != "sum"
            or len(shape) != 2
            or min(shape) < 2
        ):
            continue
        summed = behind(run, total.reads[0], total.index) if total.reads else None
        over = (
            "all of it"
            if int(np.prod(whole)) == 1
            else "the samples"
            if whole in ((shape[1],), (1, shape[1])) and shape[0] != shape[1]
            else ""
        )
        if summed is None or summed.detail.get("op") != "exp" or not over or summed.reads[0].location != above.reads[0].location:
            continue
        yield Alarm(
            "over the batch", Severity.WARNING, "softmax over the batch",
            f"Line {site.line} divides the exponentials of shape {tuple(shape)} by their sum over {over}: the numbers of a sample do not sum to 1, and each depends on the other samples.",
            "Sum over the classes: exp / exp.sum(dim=1, keepdim=True), or softmax(x, dim=1), which does not overflow.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _summed_along(run: RecordedRun, made: Event, shape: tuple[int, ...]) -> tuple[Event, int] | None:
    """The product that reads a result, directly or as a view of the same last two dimensions, and along which of them (-1, -2) it sums."""
    trace, form = run.trace, run.recording.form
    location = made.writes[0].location
    for _ in range(_VIEWS):
        readers = [trace.event(int(row)) for row in run.recording.reads_of(location)]
        product = next((event for event in readers if event.detail.get("op") in ("mm", "bmm") and event.site in trace.fired), None)
        if product is not None:
            left, right = (ref.location == location for ref in product.reads[:2])
            return (product, -1 if left else -2) if left != right else None
        view = next(
            (e for e in readers if e.kind == Kind.VIEW and e.detail.get("op") in ("expand", "view", "reshape") and e.site in trace.fired),
            None,
        )
        if view is None or not view.writes or view.writes[0].value < 0 or form(view.writes[0].value)[0][-2:] != shape[-2:]:
            return None
        location = view.writes[0].location
    return None


def moving_targets(run: RecordedRun) -> Iterator[Alarm]:
    """A variable named target (or label) that has a history, and that a gradient passed."""
    trace, columns = run.trace, run.columns
    told: set[int] = set()
    for row in np.flatnonzero(columns.kind == int(Kind.BIND_NAME))[:_LOOKED_AT].tolist():
        event = trace.event(row)
        name = str(event.detail.get("name", ""))
        if not event.reads or not _TARGET.search(name) or event.line in told or "." in name:
            continue
        site = trace.producer(event.reads[0].location, row)
        made = trace.latest_made(site, row) if site >= 0 else None
        if (
            made is None
            or site not in trace.fired
            or not trace.event(made).detail.get("grad_fn")
            or _added_up(run, trace.event(made))
            or _a_summand(run, trace.event(made))
        ):
            continue
        told.add(event.line)
        yield Alarm(
            "moving target", Severity.WARNING, "a gradient flows into the target",
            f"{name} (line {event.line}) is computed from parameters with its history: the loss also pulls the target towards the prediction.",
            f"Take it as given: {name}.detach(), or compute it under torch.no_grad().", made, (site,),
        )  # fmt: skip


def _added_up(run: RecordedRun, made: Event) -> bool:
    """Whether something is one number that is only scaled and added: a term of the loss, such as label_loss, and no target."""
    if not made.writes or made.writes[0].value < 0 or run.recording.form(made.writes[0].value)[0]:
        return False
    rows = run.recording.reads_of(made.writes[0].location).tolist()
    read = {run.trace.event(int(row)).detail.get("op") for row in rows if run.trace.event(int(row)).kind == Kind.OP}
    return read <= {"add", "mul", "div", "stack"}


def _a_summand(run: RecordedRun, made: Event) -> bool:
    """Whether something is only added to what parameters are behind as well, as the scores of the targets of edges are: nothing is compared with it."""
    trace, found, waiting = run.trace, 0, [made]
    for event in waiting:
        if len(waiting) > _VIEWS:
            return False
        for reader in readers(run, event.writes[0].location) if event.writes else ():
            if reader.kind == Kind.VIEW:
                waiting.append(reader)
            elif reader.kind == Kind.OP and reader.detail.get("op") == "add" and len(reader.reads) == 2:
                if not all(trace.requires_grad(ref.location, reader.index) for ref in reader.reads):
                    return False
                found += 1
            elif reader.kind == Kind.OP:
                return False
    return found > 0


def scaled_after_softmax(run: RecordedRun) -> Iterator[Alarm]:
    """softmax(q @ k.T) / sqrt(d) @ v: the scores were to be scaled, and what is scaled are the weights, which sum to 1 / sqrt(d); one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"softmax"})):
        if site.index not in trace.fired or not event.writes or not event.reads:
            continue
        scores = behind(run, event.reads[0], event.index)
        size = (
            recording.form(scores.reads[0].value)[0][-1:]
            if scores is not None and scores.detail.get("op") in ("bmm", "mm") and scores.reads[0].value >= 0
            else ()
        )
        for scaled in (
            each for each in readers(run, event.writes[0].location) if each.detail.get("op") in ("div", "mul") and len(each.reads) == 1
        ):
            numbers = [each for each in (scaled.detail.get("numbers") or {}).values() if isinstance(each, int | float) and each > 0]
            factor = (float(numbers[0]) if scaled.detail.get("op") == "div" else 1 / float(numbers[0])) if len(numbers) == 1 else 1.0
            if factor <= 1 or not size or abs(factor**2 - size[0]) > _LITTLE * size[0] or not _mixes(run, scaled):
                continue
            yield Alarm(
                "scaled late", Severity.WARNING, "the weights are scaled, and not the scores",
                f"Line {scaled.line} divides the weights of the softmax of line {site.line} by {factor:.4g}, the root of {size[0]}: each row of them sums to {1 / factor:.3g} and not to 1, and the scores, products of {size[0]} numbers, "
                "are as large as they were.",
                "Scale before the softmax: softmax(q @ k.transpose(-2, -1) / math.sqrt(d), dim=-1).", scaled.index, (scaled.site, site.index), len(trace.made[site.index]), scaled.line,
            )  # fmt: skip
            return
