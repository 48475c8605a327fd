"""How much gradient arrives at the leaves: none, too little, too much."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ....recording.location import GIN, GRAD, KIND_BITS
from ....recording.statistics import INFS, NANS, NORM
from ...diagnosis.finding import bound, source_line
from ...inspection.why_no_gradient import taken_as_a_number
from ...scene import NodeKind
from ...script.syntax import syntax_tree, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity, Thresholds
from ..origin import behind, maker, readers
from .chain import cause_of

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


_START = 3  # passes
_LOOKED_AT = 200
_VANISHED = 1e-7  # norm
_ROUNDING = 1e-5  # share that float32 leaves of two numbers that cancel
_KIND = (1 << KIND_BITS) - 1
_FLAT = frozenset({"round", "floor", "ceil", "trunc", "sign", "heaviside"})
_WHY = {
    "clamp": "All its inputs are outside of the bounds: widen them, scale what goes in, or use a smooth bound (sigmoid, tanh).",
    "relu": "All its inputs are negative: lower the learning rate, make the bias before it larger, or use leaky_relu.",
    "hardtanh": "All its inputs are outside of the bounds: scale what goes in.",
    "where": "The other branch was taken everywhere.",
    "mul": "The other factor is 0: a mask that holds nowhere, a dropout of everything.",
    "pow": "All its inputs are 0, where the slope of a power is 0: look at what makes them 0, such as a mask that holds nowhere.",
}
_SMALL = "Try ReLU, another initialisation, normalisation, or a shortcut around the layers."
_LARGE = "Lower the learning rate, clip with torch.nn.utils.clip_grad_norm_, scale the data, or take the mean of the loss and not its sum."
_WEIGHTS_SMALL = "Its weights are small: start them with xavier_ or kaiming_ of torch.nn.init, normalise between the layers, or lead a shortcut around them."
_WEIGHTS_LARGE = "Its weights or its inputs are large: scale the data, start the weights with xavier_ or kaiming_ of torch.nn.init, normalise, or clip the gradient."
_ENDS = "Its slope is at most {} and nearly 0 at its ends: use ReLU between the layers, scale what goes in, or lead a shortcut around them."
_UNREACHED = {
    "flag": ("frozen leaf gets no gradient", "Leave it so, if it is frozen on purpose. Else set its requires_grad to True before the forward pass."),
    "number": ("leaf never reached", "Compute with the tensor itself: a number taken out of it has no history, so its .grad stays None."),
    "unused": ("leaf never reached", "Use it in the forward pass, or leave it out: its .grad stays None, and an optimizer skips it."),
    "cut": ("leaf never reached", "Connect it to the loss by operations that are recorded, or turn its requires_grad off: its .grad stays None, and an optimizer skips it."),
}  # fmt: skip  # why: the title and what to try
_SHRINKING = {
    "sigmoid": _ENDS.format("1/4"), "tanh": _ENDS.format(1), "softmax": "It stands at one class: scale the logits, or let the loss apply softmax itself.",
    "mul": "The factor is small: scale by something nearer to 1.", "div": "The divisor is large: divide by something nearer to 1.",
    "mm": _WEIGHTS_SMALL, "addmm": _WEIGHTS_SMALL, "matmul": _WEIGHTS_SMALL,
}  # fmt: skip
_GROWING = {
    "sum": "Take the mean of the loss and not its sum, or divide the learning rate by the number of samples.",
    "mul": "The factor is large: scale by something nearer to 1.", "div": "The divisor is nearly 0: add a small number to it, or clamp it from below.",
    "exp": "exp grows with what goes in: subtract the largest value first, or compute with logarithms.",
    "log": "What goes in is nearly 0, where the slope 1/x is large: add a small number, or use log_softmax or a loss with logits.",
    "sqrt": "What goes in is nearly 0, where the slope of the root is large: add a small number inside.",
    "mm": _WEIGHTS_LARGE, "addmm": _WEIGHTS_LARGE, "matmul": _WEIGHTS_LARGE,
}  # fmt: skip
_UNDERFLOW = "Multiply the loss by a large number and divide the gradients by it before the step (GradScaler), or compute in float32."
_SMALLEST = {"float16": 6e-8, "bfloat16": 9e-41, "float32": 1.4e-45}
_DRAWN = frozenset({"bernoulli", "poisson", "binomial", "multinomial", "normal"})
_DISTANCES = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "sub"})
_MULTIPLYING = frozenset({"mul", "div", "mean", "mm", "addmm", "matmul", "pow", "square"})
_SOMEWHERE = "Somewhere on the way a slope is 0: a ReLU whose inputs are all negative, a clamp, a round or a mask. Step back through the pass to see where."


def sizes(run: RecordedRun, thresholds: Thresholds) -> Iterator[Alarm]:
    """Vanishing, exploding and zero gradients, one alarm a leaf and kind."""
    columns, recording, trace = run.columns, run.recording, run.trace
    rows = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    if not len(rows):
        return
    measures = recording.measures(recording.first_read(rows))
    passes = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    norms, broken = measures[:, NORM] / _enlarged(run, passes)[np.searchsorted(passes, rows)], measures[:, NANS] + measures[:, INFS] > 0
    for site in sorted(set(columns.site[rows].tolist())):
        mine = columns.site[rows] == site
        leaf = trace.leaf_of.get(site, site)
        name = node_title(trace, recording.sites[leaf])
        at, size = rows[mine & ~broken], norms[mine & ~broken]  # nan and inf have an alarm of their own
        small = (size > 0) & (size < thresholds.vanishing)
        if not _vanishes(small) or (not recording.form(trace.event(int(rows[mine][0])).writes[0].value)[0][1:] and _any_matrix(run, rows)):
            small[:] = False
        large = size > thresholds.exploding
        if small.any():
            k = int(np.flatnonzero(small)[0])
            words = f"Only {size[k]:.2g} arrives at {name} (norm); below {thresholds.vanishing:g} it hardly moves."
            both = _cancelled_before(run, int(at[k]))
            if both is not None:
                yield Alarm(
                    "zero gradient", Severity.WARNING, "gradients cancel", words + both[0], both[1], int(at[k]), (leaf, site, both[2]), int(small.sum()),
                    recording.sites[both[2]].line,
                )  # fmt: skip
                continue
            yield _at_its_layer(
                run,
                Alarm("vanishing", Severity.WARNING, "gradient vanishes", words, _SMALL, int(at[k]), (leaf, site), int(small.sum())),
            )
        if large.any():
            k = int(np.flatnonzero(large)[0])
            words = f"{size[k]:.3g} arrives at {name} (norm), more than {thresholds.exploding:g}."
            yield _at_its_layer(
                run,
                Alarm("exploding", Severity.WARNING, "gradient explodes", words, _LARGE, int(at[k]), (leaf, site), int(large.sum())),
                f"The first pass brought {size[0]:.2g}, so the updates made it so. " if k else "",
            )
        if len(size) and (size == 0).all():
            why, advice, stopper = _where_it_stops(run, int(at[0]))
            shape = recording.form(trace.event(int(at[0])).writes[0].value)[0]
            if stopper < 0 and len(shape) < 2 and _any_matrix(run, rows):
                continue  # a bias that the loss does not depend on, such as the last one of a critic
            nodes = (leaf, site) if stopper < 0 else (leaf, site, stopper)
            if stopper >= 0 and recording.sites[stopper].op in _DRAWN:
                draw = recording.sites[stopper]
                yield Alarm(
                    "drawn", Severity.WARNING, f"no gradient goes through {draw.op}",
                    f"{node_title(trace, draw)} (line {draw.line}) is drawn by {draw.op}, which is no function of what it is given that could have a slope: all that arrives at {name} is 0.",
                    "Write it as a function of them: mean + std * torch.randn_like(std)." if draw.op == "normal" else
                    "Let the gradient pass as if the draw were the probability: hard + p - p.detach(); or take gumbel_softmax, or the log-probability of the draw times what it brought.",
                    int(trace.made[stopper][0]), (stopper, leaf, site), len(size), draw.line,
                )  # fmt: skip
                continue
            yield Alarm(
                "zero gradient", Severity.WARNING, "gradient is zero",
                f"Every gradient that arrived at {name} was exactly 0 ({len(size)} of {len(size)}).{why}", advice, int(at[0]), nodes, len(size),
                recording.sites[stopper].line if stopper >= 0 and "hook" not in why else _hooked(run) if stopper >= 0 else 0,
            )  # fmt: skip


def _at_its_layer(run: RecordedRun, alarm: Alarm, trained: str = "") -> Alarm:
    """The alarm of too little or too much at a leaf, moved to the layer on the way that makes it so.

    Args:
        trained: says that it was not so at the start, "" where it was: then the layer is as it should be, and the steps are not.
    """
    shrinks = alarm.kind == "vanishing"
    cause = cause_of(run, alarm.event, shrinks=shrinks)
    if cause is None:
        return replace(alarm, advice=trained + alarm.advice)
    site = cause.fire.site
    return replace(
        alarm,
        sentence=alarm.sentence + cause.sentence,
        advice=trained + alarm.advice if trained else (_SHRINKING if shrinks else _GROWING).get(site.op, alarm.advice),
        event=cause.fire.event.index,
        nodes=(site.index, *alarm.nodes),
        line=site.line,
        subject=alarm.nodes[0],
    )


def _hooked(run: RecordedRun) -> int:
    """The only line that registers a hook, 0 where there are several."""
    lines = [k for k, text in enumerate(run.recording.source.splitlines(), 1) if "register_hook(" in text]
    return lines[0] if len(lines) == 1 else 0


def _vanishes(small: np.ndarray) -> bool:
    """Whether little arrives from the start: towards the end of a training gradients are small as they should."""
    return bool(small[:_START].any())


def _any_matrix(run: RecordedRun, rows: np.ndarray) -> bool:
    """Whether there are matrices among the leaves: then a bias alone says nothing (before a normalisation its gradient is 0 but for rounding)."""
    recording, trace = run.recording, run.trace
    forms = (recording.form(ref.value)[0] for row in rows[:_LOOKED_AT].tolist() for ref in trace.event(row).writes[:1] if ref.value >= 0)
    return any(len(shape) > 1 for shape in forms)


def _where_it_stops(run: RecordedRun, arrival: int) -> tuple[str, str, int]:
    """(words, advice, node) for the first step of a pass out of which zeros come, though something else went in."""
    trace, recording, columns = run.trace, run.recording, run.columns
    start = int(np.flatnonzero(columns.kind[:arrival] == int(Kind.BACKWARD_BEGIN))[-1])
    for row in range(start, arrival):
        kind = int(columns.kind[row])
        if kind not in (int(Kind.VJP), int(Kind.HOOK)):
            continue
        event = trace.event(row)
        cancelled = _cancelled(run, event, start) if kind == int(Kind.VJP) else None
        if cancelled is not None:
            return cancelled
        before = [ref.value for ref in event.reads if ref.location & _KIND in (GIN, GRAD) and ref.value >= 0]
        after = [ref.value for ref in event.writes if ref.value >= 0]
        if not before or not after or not any(trace.norm(value) > 0 for value in before) or any(trace.norm(value) > 0 for value in after):
            continue
        site = recording.sites[event.site] if event.site >= 0 else None
        name = node_title(trace, site) if site is not None else "a tensor"
        line = site.line if site is not None else event.line
        if kind == int(Kind.HOOK):
            return f" A hook on {name} (line {line}) turns the gradient into zeros.", "Look at what the hook returns.", event.site
        op = site.op if site is not None else ""
        if op in _FLAT:
            return (
                f" {op} (line {line}) is on the way: its slope is 0 wherever it has one.",
                f"Let the gradient pass as if {op} were not there: x + ({op}(x) - x).detach().",
                event.site,
            )
        tiny = _by_zero(run, event) or _underflows(run, event) or _equal(run, event)
        return (
            f" It becomes 0 in {site.grad_fn if site is not None else 'a node'} ({name}, line {line}).{tiny}",
            _UNDERFLOW if "smallest" in tiny else _WHY.get(op, _SOMEWHERE),
            event.site,
        )
    return _all_zero(run, start) or ("", _SOMEWHERE, -1)


def _cancelled(run: RecordedRun, event: Event, start: int) -> tuple[str, str, int] | None:
    """(words, advice, node) where what arrives at a node from several sides is something each, and adds up to 0, but for rounding."""
    trace, sites = run.trace, run.recording.sites
    came = [ref.value for ref in event.reads if ref.location & _KIND == GIN and ref.value >= 0]
    left = max((trace.norm(value) for value in came), default=inf)
    if left > _VANISHED:
        return None
    rows = [row for row in trace.rows_of_call(event.call).arrivals if start < row < event.index]
    brought = [ref.value for row in rows for ref in trace.event(row).reads[:1] if ref.value >= 0]
    if len(brought) < 2 or not all(trace.norm(value) * _ROUNDING > left for value in brought):
        return None
    made = trace.rows_of_call(event.call).made
    meeting = _meeting(run, trace.event(made[0]), start) if made else None
    if meeting is None:
        return None
    line, what = meeting.line, node_title(trace, sites[event.site])
    word = {"sub": "difference", "div": "quotient"}.get(str(meeting.detail.get("op")), "sum")
    return (
        f" {what} (line {sites[event.site].line}) goes into both sides of the {word} in line {line}: the gradients of the two sides cancel, element by element.",
        "Something compared with itself has no slope. Take the side that is meant as a number without its history: detach(), or compute it before and under no_grad.",
        meeting.site,
    )


def _cancelled_before(run: RecordedRun, arrival: int) -> tuple[str, str, int] | None:
    """The same for the pass in which a gradient arrived, where rounding leaves a little of it."""
    start = int(np.flatnonzero(run.columns.kind[:arrival] == int(Kind.BACKWARD_BEGIN))[-1])
    fires = np.flatnonzero(run.columns.kind[start:arrival] == int(Kind.VJP)) + start
    return next((found for row in fires.tolist() if (found := _cancelled(run, run.trace.event(row), start)) is not None), None)


def _meeting(run: RecordedRun, made: Event, stop: int) -> Event | None:
    """The first op with two inputs that both come from one result."""
    trace, columns = run.trace, run.columns
    below: dict[int, set[int]] = {ref.location: set() for ref in made.writes}  # location -> which readers of the result it comes through
    for row in (np.flatnonzero(np.isin(columns.kind[made.index + 1 : stop], (int(Kind.OP), int(Kind.VIEW)))) + made.index + 1).tolist():
        event = trace.event(row)
        through = [below[ref.location] | ({row} if not below[ref.location] else set()) for ref in event.reads if ref.location in below]
        if len(through) > 1 and not through[0] & through[1] and event.detail.get("op") in ("sub", "div", "add"):
            return event
        if through and event.site in trace.fired:
            below |= {ref.location: set().union(*through) for ref in event.writes}
    return None


def _underflows(run: RecordedRun, event: Event) -> str:
    """What is said where nothing that a node multiplies is 0, and the product is: it is smaller than its dtype can hold."""
    trace, recording = run.trace, run.recording
    made = trace.rows_of_call(event.call).made
    came = [ref.value for ref in event.reads if ref.location & _KIND == GIN and ref.value >= 0]
    if not made or not came or recording.form(came[0])[1] not in _SMALLEST:
        return ""
    factors = [ref.value for ref in trace.event(made[0]).reads if ref.value >= 0]
    if any(recording.stats(value).zeros for value in factors) or recording.sites[event.site].op not in _MULTIPLYING:
        return ""
    dtype = recording.form(came[0])[1]
    return f" Nothing that is multiplied there is 0: the product is below {_SMALLEST[dtype]:.0e}, the smallest {dtype}."


def _equal(run: RecordedRun, event: Event) -> str:
    """What is said of a loss whose prediction and target are the same numbers, with the line that made the target."""
    trace, recording = run.trace, run.recording
    made = trace.rows_of_call(event.call).made
    forward = trace.event(made[0]) if made else None
    if forward is None or forward.detail.get("op") not in _DISTANCES or len(forward.reads) < 2:
        return ""
    given = [recording.array(ref.value) if ref.value >= 0 else None for ref in forward.reads[:2]]
    if given[0] is None or given[1] is None or not np.array_equal(given[0], given[1]):
        return ""
    source = next(
        (
            found
            for ref in forward.reads[1::-1]
            if not trace.requires_grad(ref.location, forward.index) and (found := behind(run, ref, forward.index))
        ),
        None,
    )
    where = f" (line {source.line})" if source is not None else ""
    return f" Prediction and target{where} are the same numbers there, so there is nothing to learn from."


def _by_zero(run: RecordedRun, event: Event) -> str:
    """What is said of a product with a plain number that is 0, with the variable that holds it."""
    made = run.trace.rows_of_call(event.call).made
    numbers = (run.trace.event(made[0]).detail.get("numbers") or {}).values() if made else ()
    if run.recording.sites[event.site].op != "mul" or not any(number == 0 for number in numbers):
        return ""
    line = run.recording.sites[event.site].line
    text = run.recording.source.splitlines()[line - 1] if 0 < line <= len(run.recording.source.splitlines()) else ""
    for variable in re.findall(r"(?<![\w.])[A-Za-z_]\w*(?=\s*\*(?!\*))|(?<=[^*]\*)\s*[A-Za-z_]\w*", text):
        name = variable.strip()
        at = _assigned(run, name, line)
        if at and bound(run, name) is None:
            return f" The number that it is multiplied by is 0: {name} of line {at}."
    return " The number that it is multiplied by is 0."


def _assigned(run: RecordedRun, name: str, line: int) -> int:
    """The last line above another one that gives a name a value, 0 for none."""
    giving = re.compile(rf"^\s*{re.escape(name)}\s*=[^=]")
    lines = run.recording.source.splitlines()[: line - 1]
    return next((number for number in range(len(lines), 0, -1) if giving.match(lines[number - 1])), 0)


def _all_zero(run: RecordedRun, start: int) -> tuple[str, str, int] | None:
    """(words, advice, node) for the first tracked op before a pass that made nothing but zeros of something else."""
    trace, recording, columns = run.trace, run.recording, run.columns
    before = np.flatnonzero(columns.kind[:start] == int(Kind.BACKWARD_BEGIN))
    first = int(before[-1]) if len(before) else 0
    for row in (np.flatnonzero(columns.kind[first:start] == int(Kind.OP)) + first).tolist():
        event = trace.event(row)
        if event.site < 0 or event.site not in trace.fired or not event.reads or not event.writes or event.writes[0].value < 0:
            continue
        if trace.norm(event.writes[0].value) == 0 and trace.norm(event.reads[0].value) > 0 and recording.form(event.writes[0].value)[0]:
            site = recording.sites[event.site]
            words = f" {node_title(trace, site)} (line {site.line}) gives nothing but zeros: what is multiplied by them gets no gradient."
            return words, _WHY.get(site.op, "Look at what makes them 0: a dropout of everything, a mask that holds nowhere."), event.site
    return None


def _enlarged(run: RecordedRun, passes: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """By how much a GradScaler has enlarged the loss of each pass, with a 1 before the first: the gradients are made smaller again before the step."""
    recording, columns = run.recording, run.columns
    factors = np.ones(len(passes) + 1)
    by_it = (
        [s.index for s in recording.sites if s.op == "mul" and ".scale(" in source_line(run, s.line)]
        if "GradScaler" in recording.source
        else []
    )
    rows = np.flatnonzero(np.isin(columns.site, by_it) & (columns.kind == int(Kind.OP)))
    rows = rows[rows < (passes[-1] if len(passes) else 0)]
    _, first, which = np.unique(recording.column("template")[rows], return_index=True, return_inverse=True)
    numbers = [next(iter((run.trace.event(row).detail.get("numbers") or {1: 1.0}).values())) for row in rows[first].tolist()]
    factors[np.searchsorted(passes, rows) + 1] = np.array(numbers)[which] if numbers else 1.0
    return factors


def unreached(run: RecordedRun) -> Iterator[Alarm]:
    """Leaves that require grad, were used, and got none although something was propagated back after they were made."""
    recording, trace, columns = run.recording, run.trace, run.columns
    ends = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    if not len(ends):
        return
    with_grad = {trace.leaf_of.get(site, site) for site in columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist()}
    used = {edge.source for edge in run.graph().edges}
    for node in run.graph().nodes:
        made = trace.made[node.id]
        if node.kind != NodeKind.PARAMETER or node.id in with_grad or not len(made) or int(made[0]) > int(ends[-1]):
            continue
        if 0 in node.shape:
            continue  # it has no elements: it is asked for its device
        if any(columns.kind[row] == int(Kind.ASSIGN_GRAD) for row in trace.grad_writes(node.id)):
            continue  # the script fills its .grad itself
        if node.id in used:
            found = run.why_not(node.id)
            if found.reason == "reached":
                yield from _given_none(run, node.id)
                continue
            sentence, line = found.sentence, found.line
            title, advice = _UNREACHED["flag" if found.reason == "flag" else "cut"]
            nodes: tuple[int, ...] = (node.id, found.node)
            end = _dead_end(run, node.id) if found.reason == "not connected" else None
            whole = _made_whole(run, end) if end is not None else None
            again = end is not None and "checkpoint(" in source_line(run, end.line) and not end.grad_mode
            if end is not None and again:
                sentence, line = (
                    f"{sentence.removesuffix('.')}: checkpoint() in line {end.line} runs it unrecorded, and computes it again in backward where one of its inputs requires grad, and none does.",
                    end.line,
                )
                advice = "Write checkpoint(..., use_reentrant=False), which does not ask for that."
            elif end is not None and whole is not None:
                sentence, line = (
                    f"{sentence.removesuffix('.')}: {whole.detail.get('op')} in line {whole.line} makes whole numbers or truths of it, and those have no slope.",
                    whole.line,
                )
                advice = (
                    "Let its numbers into the result as well: multiply what was chosen by its probability, or mix all by their weights."
                )
            elif end is not None and end.kind == Kind.DETACH:
                sentence, line = (
                    f"{sentence.removesuffix('.')}: line {end.line} takes the numbers of what is computed from it out of the graph, and whatever goes on from there has no history.",
                    end.line,
                )
                advice = "Compute with tensors all the way to the loss: PyTorch's own functions in the place of numpy's (torch.fft, torch.abs), without detach() and .data."
            elif end is not None:
                total = _put_together(run, end)
                sentence, line = (
                    f"{sentence.removesuffix('.')}: what is computed from it ends in {end.detail.get('op')} (line {end.line}), and nothing reads that"
                    f"{f': line {total} puts the loss together without it.' if total else '.'}",
                    total or end.line,
                )
        else:
            name = node_title(trace, recording.sites[node.id])
            number = taken_as_a_number(recording.source, name)
            title, advice = _UNREACHED["number" if number else "unused"]
            why = f"line {number} takes its number out of the graph." if number else "nothing is computed from it."
            sentence, nodes, line = f"{name} (line {node.line}) requires grad, and {why}", (node.id,), number or node.line
        yield Alarm("unreached", Severity.WARNING, title, sentence, advice, int(made[0]), nodes, 1, line)


def _given_none(run: RecordedRun, leaf: int) -> Iterator[Alarm]:
    """A leaf that a gradient could reach, were it not for the backward of a Function of the script that returns None for it."""
    trace, recording = run.trace, run.recording
    made = trace.event(int(trace.made[leaf][0]))
    for event in readers(run, made.writes[0].location) if made.writes else ():
        site = recording.sites[event.site] if event.site >= 0 else None
        line = _returning_none(recording.source, site.op) if site is not None and event.kind == Kind.OP and event.site in trace.fired else 0
        if site is None or not line:
            continue
        name = node_title(trace, recording.sites[leaf])
        yield Alarm(
            "unreached", Severity.WARNING, "leaf never reached",
            f"{name} gets no gradient: it goes into {site.op} (line {event.line}), and the backward() of {site.op} returns None for it in line {line}.",
            "Return its gradient there: g times the slope, in the shape of the input. None is for inputs that need none.", int(trace.made[leaf][0]), (leaf, event.site), 1, line,
        )  # fmt: skip
        return


def _returning_none(source: str, function: str) -> int:
    """The line in which the backward() of a Function of the script returns None for an input, 0 for none."""
    for node in walk(syntax_tree(source)):
        if isinstance(node, ast.ClassDef) and node.name == function:
            for found in walk(next((m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "backward"), ast.Pass())):
                parts = found.value.elts if isinstance(found, ast.Return) and isinstance(found.value, ast.Tuple) else []
                if any(isinstance(part, ast.Constant) and part.value is None for part in parts):
                    return found.lineno if isinstance(found, ast.Return) else 0
    return 0


def _put_together(run: RecordedRun, end: Event) -> int:
    """The line that sums up or weighs the parts of the next loss after one number that it leaves out, 0 where there is none."""
    trace, columns = run.trace, run.columns
    begins = np.flatnonzero(columns.kind[end.index :] == int(Kind.BACKWARD_BEGIN))
    if not end.writes or end.writes[0].value < 0 or run.recording.form(end.writes[0].value)[0] or not len(begins):
        return 0
    root = trace.event(int(begins[0]) + end.index).reads[0]
    row = trace.last_write(root.location, end.index + int(begins[0]))
    made = trace.event(row) if row is not None else None
    return made.line if made is not None and made.index > end.index and made.detail.get("op") in ("add", "sub", "mul", "div") else 0


def _made_whole(run: RecordedRun, end: Event) -> Event | None:
    """The op before a dead end that makes whole numbers or truths of what has a history; None where the end is something else."""
    trace, recording = run.trace, run.recording
    waiting, seen = [end], {end.index}
    for event in waiting:
        plain = [
            ref for ref in event.writes if ref.value >= 0 and not recording.form(ref.value)[1].startswith(("float", "bfloat", "complex"))
        ]
        if plain and any(trace.requires_grad(ref.location, event.index) for ref in event.reads):
            return event
        makers = [maker(run, ref, event.index) for ref in event.reads] if plain and len(waiting) < _LOOKED_AT else []
        found = [made for made in makers if made is not None and made.index not in seen]
        seen.update(made.index for made in found)
        waiting += found
    return None


def _dead_end(run: RecordedRun, leaf: int) -> Event | None:
    """The last op of all that is computed from a leaf, where there is one end that nothing reads."""
    trace, recording = run.trace, run.recording
    made = trace.made[leaf]
    waiting = [ref.location for ref in trace.event(int(made[0])).writes[:1]] if len(made) else []
    seen, ends = set[int](), dict[int, Event]()
    for location in waiting:
        rows = [int(row) for row in recording.reads_of(location)[:_LOOKED_AT]]
        events = [event for row in rows if (event := trace.event(row)).kind in (Kind.OP, Kind.VIEW, Kind.DETACH, Kind.INPLACE_WRITE)]
        last = trace.last_write(location, run.length - 1)
        if not events and last is not None and trace.event(last).kind in (Kind.OP, Kind.VIEW, Kind.DETACH):
            ends[trace.event(last).line] = trace.event(last)
        for event in events:
            if event.index not in seen and len(seen) < _LOOKED_AT:
                seen.add(event.index)
                waiting += [ref.location for ref in event.writes]
    return next(iter(ends.values())) if len(ends) == 1 and len(seen) < _LOOKED_AT else None
