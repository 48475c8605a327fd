"""nan and inf: where they are born, from what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ....recording.statistics import INFS, NANS
from ...derivation.engine_rows import Call, rows_named
from ...script.syntax import syntax_tree, unparse, walk
from ...words.captions import caption, number
from ...words.names import node_title
from ..alarm import Alarm, Severity
from .nonfinite import added_mask, begins, from_a_mask, unread, written_out

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_MAKING = (Kind.CREATE_LEAF, Kind.OP, Kind.INPLACE_WRITE, Kind.VJP, Kind.ACCUMULATE, Kind.OPTIMIZER_STEP)
_NAMED = 4  # other origins that are told in words
_OTHERS = 400  # events after the first nan among which others are looked for
_WRITTEN_OUT = 6  # elements that a caption writes out
_HUGE = 1e6  # an operand of this size is on its way out of float32
_BECAUSE = {
    "log": ("the logarithm of 0 is -inf, and of a negative number nan", "Keep its input above 0: x.clamp_min(1e-8).log(), or log1p, or log_softmax instead of softmax().log()."),
    "log2": ("the logarithm of 0 is -inf", "Keep its input above 0."),
    "log10": ("the logarithm of 0 is -inf", "Keep its input above 0."),
    "sqrt": ("the slope of the square root at 0 is infinite, and the root of a negative number is nan", "Add a small number under the root: (x + 1e-8).sqrt()."),
    "div": ("a division by 0", "Add a small number to the divisor, or keep it away from 0."),
    "pow": ("a power of 0 or of a negative number", "Keep the base above 0."),
    "exp": ("the exponential overflows float32 above 88", "Subtract the maximum first, or use logsumexp or log_softmax."),
    "std": ("one sample has no spread: 0 / 0", "Give at least two samples, or correction=0."),
    "var": ("one sample has no spread: 0 / 0", "Give at least two samples, or correction=0."),
    "mean": ("the mean of no elements is 0 / 0", "Look at what selects them: a mask that holds nowhere, an empty batch."),
    "nll_loss": ("no target is left that counts: all of them are ignore_index, or weigh 0, and the mean of no elements is 0 / 0", "Leave out such a batch, or take reduction='sum' and divide by the number of targets, at least 1."),
    "linalg_vector_norm": ("a norm at 0", "Add a small number before the root is taken."),
    "acos": ("the slope of acos at 1 and -1 is infinite, and outside it is nan", "Keep its input inside: x.clamp(-1 + 1e-6, 1 - 1e-6), or use atan2."),
    "asin": ("the slope of asin at 1 and -1 is infinite, and outside it is nan", "Keep its input inside: x.clamp(-1 + 1e-6, 1 - 1e-6)."),
    "atanh": ("atanh is infinite at 1 and -1", "Keep its input inside."),
    "rsqrt": ("1 / sqrt(0)", "Add a small number under the root."),
    "reciprocal": ("a division by 0", "Keep its input away from 0."),
    "sub": ("inf - inf", "Look at where the inf comes from."),
    "mul": ("0 times inf", "Look at where the inf comes from."),
    "softmax": ("all that it compares is -inf: a row that is masked wholly", "Leave at least one place of each row unmasked (a causal mask keeps the diagonal), or set such rows to 0 afterwards."),
    "linalg_eigh": ("two eigenvalues are equal there, and the slope of eigenvectors divides by their difference", "Start from a matrix whose eigenvalues are apart: add small numbers that differ to its diagonal; or use eigenvalues alone (eigvalsh)."),
    "linalg_svd": ("two singular values are equal or 0 there, and the slope of singular vectors divides by their differences", "Start from a matrix whose singular values are apart; or use the values alone (svdvals)."),
    "_ctc_loss": ("a target with more labels than its input has places (two alike side by side need one more) has no alignment, and so an infinite loss", "Compare target_lengths with input_lengths: strides shorten the input. zero_infinity=True leaves such samples out."),
    "log_softmax": ("all that it compares is -inf: a row that is masked wholly", "Leave at least one place of each row unmasked."),
}  # fmt: skip


def born(run: RecordedRun) -> Iterator[Alarm]:
    """The first nan and the first inf that come from finite numbers, each with what else makes some in the same pass."""
    return (_with_others(run, alarm) for alarm in firsts(run))


def firsts(run: RecordedRun) -> Iterator[Alarm]:
    """The first nan and the first inf alone."""
    columns, recording = run.columns, run.recording
    rows = np.flatnonzero(np.isin(columns.kind, [int(k) for k in _MAKING]))
    if not len(rows):
        return
    values = recording.first_written(rows)
    measures = recording.measures(values)
    for kind, column in (("nan", NANS), ("inf", INFS)):
        bad = rows[np.nan_to_num(measures[:, column]) > 0]
        for row in bad.tolist():
            event = run.trace.event(row)
            if not unread(event) and not _reads_bad(run, event, kind) and not written_out(run, event) and not added_mask(run, event):
                yield _alarm(run, kind, event, len(bad))
                break


def origin_told(run: RecordedRun, event: Event) -> str:
    """One of several origins, as half a sentence: "log of line 9 makes [-inf, 0] of finite numbers: the logarithm of 0 is -inf"."""
    site = run.recording.sites[event.site] if event.site >= 0 else None
    if site is None or event.kind == Kind.OPTIMIZER_STEP:
        return f"line {event.line}: {caption(run.trace, event)}"
    infinite = any(ref.value >= 0 and run.recording.stats(ref.value).infs for ref in event.writes)
    kind = "inf" if infinite else "nan"
    why = (_too_large(run, event, kind) or _BECAUSE.get(site.op, ("", "")))[0]
    if event.kind == Kind.CREATE_LEAF:
        return f"line {site.line} makes {node_title(run.trace, site)} with {kind} in it"
    backward = event.kind == Kind.VJP
    hidden = f"{_operands(run, event)} {_masked_by(run, event)}".strip() if backward else ""
    said = f"{site.grad_fn} of line {site.line} (the slope)" if backward else f"line {site.line}, {caption(run.trace, event)}"
    return said + (f": {why}" if why else "") + (f". {hidden}".rstrip(".") if hidden else "")


def _with_others(run: RecordedRun, alarm: Alarm) -> Alarm:
    """An alarm that also names what makes nan or inf in other elements or branches of the same pass, and does not follow from it."""
    columns, recording, first = run.columns, run.recording, alarm.event
    moved = first + np.flatnonzero(columns.kind[first:] == int(Kind.OPTIMIZER_STEP))
    end = int(moved[0]) if len(moved) else run.length
    rows = first + 1 + np.flatnonzero(np.isin(columns.kind[first + 1 : end], [int(k) for k in _MAKING]))
    if not len(rows):
        return alarm
    measures = recording.measures(recording.first_written(rows))
    bad = rows[(np.nan_to_num(measures[:, NANS]) > 0) | (np.nan_to_num(measures[:, INFS]) > 0)]
    others: dict[int, Event] = {}
    for row in bad[:_OTHERS].tolist():
        event = run.trace.event(row)
        if (
            event.site >= 0
            and event.site not in (*alarm.nodes, *others)
            and not unread(event)
            and begins(run, event)
            and not written_out(run, event)
        ):
            others[event.site] = event
    if not others or not alarm.nodes:
        return alarm
    listed = "; ".join(origin_told(run, event) for event in islice(others.values(), _NAMED))
    more = f"; and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    begun = (
        "There is one other origin, which does not follow"
        if len(others) == 1
        else f"There are {len(others)} other origins, which do not follow"
    )
    return replace(alarm, sentence=f"{alarm.sentence} {begun} from it: {listed}{more}.", nodes=(*alarm.nodes, *others))


def _reads_bad(run: RecordedRun, event: Event, kind: str) -> bool:
    """Whether nan or inf came in already. An inf that is meant (a mask) is no reason for a nan."""
    stats = run.recording.stats
    for ref in event.reads:
        if ref.value < 0 or not (stats(ref.value).nans or stats(ref.value).infs):
            continue
        if kind == "inf" or stats(ref.value).nans or not from_a_mask(run, ref.location, event.index):
            return True
    return False


def _alarm(run: RecordedRun, kind: str, event: Event, count: int) -> Alarm:
    site = run.recording.sites[event.site] if event.site >= 0 else None
    op = site.op if site is not None else ""
    name = node_title(run.trace, site) if site is not None else "a tensor"
    why, advice = _too_large(run, event, kind) or _BECAUSE.get(op, ("", "Look at the operands in the inspector."))
    where = f" (line {event.line})" if event.line else ""
    if event.kind == Kind.VJP:
        hidden = f"{_operands(run, event)} {_masked_by(run, event)}".strip()
        where = f" (line {site.line})" if site is not None and site.line else where
        sentence = f"The first {kind} of the gradient comes out of {site.grad_fn if site else 'a vjp'}{where}, from finite numbers"
        sentence += f": {why}." if why else "."
        sentence += f" {hidden}" if hidden else ""
        if "did not take" in hidden:
            advice = "Make the input safe in the branch that is not taken as well: torch.where(m, f(torch.where(m, x, 1)), 0)."
    elif event.kind == Kind.OPTIMIZER_STEP and (made := _without_epsilon(run, event)):
        sentence = (
            f"{caption(run.trace, event)}{where}: the first {kind}, from finite numbers. Where the gradient has been 0 all along, {event.detail.get('optimizer')} divides 0 by the root of 0: "
            f"line {made} gives it eps=0, and eps is what keeps that divisor above 0."
        )
        return Alarm(kind, Severity.ERROR, f"{kind} born", sentence, "Leave eps at its default, 1e-8.", event.index, (), count, made)
    elif event.kind == Kind.CREATE_LEAF:
        sentence, advice = f"{name}{where} is made with {kind} in it.", "Look at the data."
    else:
        sentence = f"{caption(run.trace, event)}{where}: the first {kind}, from finite numbers" + (f": {why}." if why else ".")
        sentence += _places(run, event, kind)
    return Alarm(
        kind,
        Severity.ERROR,
        f"{kind} born",
        sentence,
        advice,
        event.index,
        (event.site,) if event.site >= 0 else (),
        count,
        site.line if site is not None else 0,
    )


def _places(run: RecordedRun, event: Event, kind: str) -> str:
    """How many elements of a result are no numbers, and which is the first, where there are too many to be written out."""
    array = next((run.recording.array(ref.value) for ref in event.writes if ref.value >= 0), None)
    if array is None or array.size <= _WRITTEN_OUT or array.dtype.kind not in "fc":
        return ""
    bad = np.argwhere(np.isnan(array) if kind == "nan" else np.isinf(array))
    return (
        f" {len(bad):,} of its {array.size:,} elements {'are' if len(bad) > 1 else 'is'} {kind}, the first at {bad[0].tolist()}."
        if 0 < len(bad) < array.size
        else ""
    )


def _without_epsilon(run: RecordedRun, step: Event) -> int:
    """The line that makes the optimizer of a step with eps=0, 0 for none."""
    for node in walk(syntax_tree(run.recording.source)):
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] == step.detail.get("optimizer"):
            given = next((word.value for word in node.keywords if word.arg == "eps"), None)
            if isinstance(given, ast.Constant) and given.value == 0:
                return node.lineno
    return 0


def _too_large(run: RecordedRun, event: Event, kind: str) -> tuple[str, str] | None:
    """What float32 cannot hold although nothing else is wrong."""
    read = [run.recording.stats(ref.value) for ref in event.reads if ref.value >= 0]
    if kind != "inf" or event.kind == Kind.VJP or not any(stats.max_abs > _HUGE for stats in read):
        return None
    return (
        "the result is larger than 3.4e38, the largest float32",
        "Something grows without bound: a learning rate that is too large, or sums that want a mean.",
    )


def _operands(run: RecordedRun, event: Event) -> str:
    """Of the first element that is no number: what came in, what the input was, and the slope there (0 times inf is nan)."""
    recording, trace = run.recording, run.trace
    made = trace.rows_of_call(event.call).made if event.call >= 0 else []
    forward = trace.event(made[0]) if made else None
    if forward is None or not forward.reads or not event.reads or not event.writes:
        return ""
    refs = (event.reads[0], event.writes[0], forward.reads[0])
    upstream, out, given = (recording.array(ref.value) if ref.value >= 0 else None for ref in refs)
    if upstream is None or out is None or given is None or not upstream.shape == out.shape == given.shape:
        return ""
    bad = np.argwhere(~np.isfinite(out))
    if not len(bad):
        return ""
    at = tuple(int(k) for k in bad[0])
    op = str(forward.detail.get("op") or "")
    calls = rows_named(op, str(forward.detail.get("grad_fn") or ""))
    if not calls or not calls[0].elementwise or len(forward.reads) != 1:
        return ""
    result = recording.array(forward.writes[0].value) if forward.writes and forward.writes[0].value >= 0 else None
    numbers = {int(k): v for k, v in (forward.detail.get("numbers") or {}).items()}
    inputs = [numbers.get(k, given) for k in range(max(numbers, default=0) + 1)]
    port = int((forward.detail.get("ports") or [0])[0])
    slopes = Call(calls[0], inputs, [given.shape] * len(inputs), result, forward.detail.get("params") or {}).vjp(
        port, np.ones_like(upstream)
    )
    if slopes is None or slopes.shape != out.shape:
        return ""
    where = f" At {list(at)}" if at else " There"
    return f"{where.lstrip()} the input is {number(float(given[at]))}, the slope {number(float(slopes[at]))}, and the gradient that comes in {number(float(upstream[at]))}: {number(float(upstream[at]))} x {number(float(slopes[at]))} = {number(float(out[at]))}."


def _masked_by(run: RecordedRun, event: Event) -> str:
    """Where the cotangent that came in is 0 because a `where` did not take that branch: 0 times inf is nan."""
    site = masking(run, event)
    if site < 0:
        return ""
    line = run.recording.sites[site].line
    return f"The gradient that comes in is 0 there, because the where of line {line} did not take this branch, and 0 times an infinite slope is nan."


def masking(run: RecordedRun, event: Event) -> int:
    """The site of the `where` that did not take what an event computes the gradient of, -1 for none."""
    recording = run.recording
    incoming = recording.stats(event.reads[0].value) if event.kind == Kind.VJP and event.reads and event.reads[0].value >= 0 else None
    if incoming is None or not incoming.zeros:
        return -1
    return next((edge.target for edge in run.graph().edges if edge.source == event.site and recording.sites[edge.target].op == "where"), -1)
