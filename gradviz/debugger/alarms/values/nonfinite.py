"""Where numbers that are not finite begin: back from one of them, element by element, to all events that made one out of finite numbers."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ...derivation.engine_rows import row_of, rows_named

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_FILLING = ("masked_fill", "where", "fill", "index_put", "copy", "full", "add", "scatter", "tensor", "triu", "tril", "mul")
_LITERAL = re.compile(r"""["'][-+]?inf(?:inity)?["']|["']nan["']|\b(?:torch|math|np|numpy)\.(?:inf|nan)\b|\.min\b""", re.IGNORECASE)
_BACK = 12  # events from a nan to the mask that it comes from
FAR = 2000  # events that a walk back looks at
_ALIKE = (Kind.DELIVER, Kind.ACCUMULATE, Kind.OPTIMIZER_STEP)  # element by element, with no op of their own


@dataclass(frozen=True, slots=True)
class Origin:
    """An event that made nan or inf of finite numbers.

    Attributes:
        way: the events from the one that was asked about back to this one.
        born: the elements in which it did, None where its numbers were not kept.
    """

    event: Event
    way: tuple[Event, ...]
    born: Mask | None


def origins(run: RecordedRun, start: Event) -> tuple[Origin, ...]:
    """All of them behind an event, the earliest first: of one op that makes several, as forward and backward do, the earliest.

    None where they are further away than `FAR` events.
    """
    asked: dict[int, Mask | None] = {start.index: _bad(run, start)}  # row: its elements that are asked about, None for all
    reader = {start.index: -1}
    waiting, found, looked = [-start.index], [], 0
    while waiting and looked < FAR:
        row = -heapq.heappop(waiting)
        event, looked = run.trace.event(row), looked + 1
        born, sources = _split(run, event, asked[row])
        if born is None or born.any() or not sources:
            found.append(Origin(event, tuple(_way(run, reader, row)), born))
        for source, mask in sources:
            if source not in asked:
                asked[source], reader[source] = mask, row
                heapq.heappush(waiting, -source)
            elif (known := asked[source]) is not None:
                asked[source] = known | mask if mask is not None and mask.shape == known.shape else None
    return _of_each_op(found)


def begins(run: RecordedRun, event: Event) -> bool:
    """Whether an event makes an element nan or inf whose inputs are finite."""
    born, sources = _split(run, event, _bad(run, event))
    return not sources if born is None else bool(born.any())


def added_mask(run: RecordedRun, event: Event) -> bool:
    """Whether something is made of 0 and -inf alone, as masks are that are added to scores: PyTorch's own layers make them so."""
    ref = event.writes[0] if event.kind == Kind.CREATE_LEAF and event.writes else None
    array = run.recording.array(ref.value) if ref is not None and ref.value >= 0 else None
    return array is not None and array.dtype.kind == "f" and bool(((array == 0) | np.isneginf(array)).all())


def written_out(run: RecordedRun, event: Event) -> bool:
    """Whether the line says itself that nan or inf are wanted: masked_fill(mask, float("-inf"))."""
    lines = run.recording.source.splitlines()
    text = lines[event.line - 1] if 0 < event.line <= len(lines) else ""
    site = run.recording.sites[event.site] if event.site >= 0 else None
    filling = event.kind == Kind.CREATE_LEAF or (site is not None and site.op in _FILLING)
    return filling and _LITERAL.search(text) is not None


def from_a_mask(run: RecordedRun, location: int, before: int) -> bool:
    """Whether the inf at a location goes back to one that is written out."""
    trace, stats = run.trace, run.recording.stats
    for _ in range(_BACK):
        row = trace.last_write(location, before - 1)
        if row is None:
            return False
        event, before = trace.event(row), row
        bad = next((ref for ref in event.reads if ref.value >= 0 and stats(ref.value).infs), None)
        if written_out(run, event):
            return True
        if bad is None:
            return False
        location = bad.location
    return False


def _of_each_op(found: list[Origin]) -> tuple[Origin, ...]:
    kept: dict[int, Origin] = {}
    for one in sorted(found, key=lambda one: one.event.index):
        kept.setdefault(one.event.site if one.event.site >= 0 else -1 - one.event.index, one)
    return tuple(kept.values())


def _way(run: RecordedRun, reader: dict[int, int], row: int) -> Iterator[Event]:
    rows = [row]
    while reader[rows[-1]] >= 0:
        rows.append(reader[rows[-1]])
    return (run.trace.event(one) for one in reversed(rows))


def _bad(run: RecordedRun, event: Event) -> Mask | None:
    """The elements of an event's first result that is not finite, None where they are not kept."""
    for ref in event.writes:
        if ref.value >= 0 and _broken(run, ref):
            return _elements(run, ref)
    return None


def _broken(run: RecordedRun, ref: Ref) -> bool:
    stats = run.recording.stats(ref.value)
    return bool(stats.nans or stats.infs)


def _elements(run: RecordedRun, ref: Ref) -> Mask | None:
    array = run.recording.array(ref.value)
    return None if array is None or array.dtype.kind not in "fc" else np.asarray(~np.isfinite(array))


def _split(run: RecordedRun, event: Event, asked: Mask | None) -> tuple[Mask | None, list[tuple[int, Mask | None]]]:
    """Of the elements that are asked about those that began here, None for unknown, and the events that the others come from."""
    sources: list[tuple[int, Mask | None]] = []
    born = asked.copy() if asked is not None else None
    alike = _by_element(run, event)
    for location, ref in _read(run, event):
        row = _writer(run, location, ref.value, event.index - 1)
        if row is None:
            continue
        bad = _elements(run, ref)
        if born is not None:
            reached = _shaped(bad, born.shape) if alike and bad is not None else None
            born = born & ~reached if reached is not None else np.zeros_like(born)
        if alike and bad is not None and asked is not None and bad.shape == asked.shape:
            bad = bad & asked
            if not bad.any():
                continue
        sources.append((row, bad))
    return (np.zeros((), bool) if born is None and sources else born), sources


def _writer(run: RecordedRun, location: int, value: int, before: int) -> int | None:
    """The event that wrote what was read; what stands in a `.grad` was written to the leaf."""
    trace = run.trace
    row = trace.last_write(location, before)
    tensor = trace.tensor_of(location)
    leaf = run.recording.bucket_leaf(trace.site_of_tensor(tensor)) if location == trace.location("val", tensor) else None
    into = trace.last_write(trace.location("grad", leaf), before) if leaf is not None else None
    if into is not None and (row is None or into > row) and any(ref.value == value for ref in trace.event(into).writes):
        return into
    return row


def _read(run: RecordedRun, event: Event) -> Iterator[tuple[int, Ref]]:
    """What came in that was not finite. An inf that is meant (a mask) is no reason for a nan; a sum of gradients holds what arrived before."""
    if event.kind == Kind.DELIVER and int(event.detail.get("arrived", 1)) > 1:
        location = event.writes[0].location
        row = run.trace.last_write(location, event.index - 1)
        before = run.trace.event(row).writes[0] if row is not None else None
        if before is not None and before.value >= 0 and _broken(run, before):
            yield location, before
    yield from _scaled(run, event)
    for ref in event.reads:
        if (
            ref.value >= 0
            and _broken(run, ref)
            and (run.recording.stats(ref.value).nans or not from_a_mask(run, ref.location, event.index))
        ):
            yield ref.location, ref


def unread(event: Event) -> bool:
    """Whether an event writes numbers into a tensor that it does not say the source of, as clip_grad_norm_ scales gradients."""
    return event.kind == Kind.INPLACE_WRITE and event.detail.get("via") == "copy" and not event.reads


def _scaled(run: RecordedRun, event: Event) -> Iterator[tuple[int, Ref]]:
    """What stood in a gradient before it was scaled; where that was finite, in one that was scaled with it: the norm is of all of them."""
    if not unread(event):
        return
    first = last = event.index
    while first and unread(before := run.trace.event(first - 1)) and before.line == event.line:
        first -= 1
    while last + 1 < run.length and unread(after := run.trace.event(last + 1)) and after.line == event.line:
        last += 1
    for row in (event.index, *range(first, last + 1)):
        for written in run.trace.event(row).writes:
            at = run.trace.last_write(written.location, first - 1)
            stood = next((ref for ref in run.trace.event(at).writes if ref.location == written.location), None) if at is not None else None
            if stood is not None and stood.value >= 0 and _broken(run, stood):
                yield written.location, stood
                return


def _by_element(run: RecordedRun, event: Event) -> bool:
    if event.kind in _ALIKE or unread(event):  # one norm scales them all
        return event.kind in _ALIKE
    site = run.recording.sites[event.site] if event.site >= 0 else None
    op = str(event.detail.get("op") or (site.op if site is not None else ""))
    name = str(event.detail.get("grad_fn") or (site.grad_fn if site is not None else ""))
    row = row_of(op, name) or next(iter(rows_named(op)), None) if op else None
    return row is not None and row.elementwise


def _shaped(mask: Mask, shape: tuple[int, ...]) -> Mask | None:
    """Elements of an operand as those of a result that it was broadcast to, or that is the sum of it; None where that is unknown."""
    if mask.shape == shape:
        return mask
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        pass
    if mask.ndim < len(shape):
        return None
    mask = np.asarray(mask.any(axis=tuple(range(mask.ndim - len(shape)))))
    for axis, size in enumerate(shape):
        if size == 1 and mask.shape[axis] != 1:
            mask = np.asarray(mask.any(axis=axis, keepdims=True))
    return mask if mask.shape == shape else None
