"""Which elements a value was computed from: back through the ops, element by element.

Elementwise ops and products of matrices are known by their shapes; of all others the backward rule is asked: what gets a gradient from
the chosen elements is what they were computed from. Where no rule is known or its numbers were not kept, all of an input counts.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event, Kind
from ..derivation.engine_rows import Call, row_of, rows_named

if TYPE_CHECKING:
    from ..trace.trace import Trace

Index = tuple[int, ...]
Place = tuple[int | slice, ...] | None
Mask = np.ndarray[Any, np.dtype[np.bool_]]
_EVENTS = 200  # that a slice is followed back through
_PRODUCTS = ("mm", "matmul", "bmm", "mv", "linear", "addmm")


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a slice: what of its output counts, and what it read for that (a mask of each input).

    Attributes:
        output: which of its outputs, such as the parts of a split.
    """

    event: Event
    mask: Mask
    reads: tuple[Mask, ...]
    output: int = 0


def slice_back(trace: Trace, made: Event, element: Index) -> list[Step]:
    """The events that one element of a value comes from, the latest first, each with the elements that count."""
    shape = trace.recording.form(made.writes[0].value)[0]
    chosen = np.zeros(shape, bool)
    chosen[element] = True
    masks: dict[tuple[int, int], Mask] = {(-made.index, 0): chosen}
    waiting = [(-made.index, 0)]  # (row, output), the latest first
    steps: list[Step] = []
    while waiting and len(steps) < _EVENTS:
        at = heapq.heappop(waiting)
        event, mask = trace.event(-at[0]), masks.pop(at)
        reads = reads_of(trace, event, mask, at[1])
        steps.append(Step(event, mask, tuple(reads), at[1]))
        for ref, read in zip(event.reads, reads, strict=True):
            row = trace.last_write(ref.location, event.index - 1)
            if row is None or not read.any():
                continue
            output = next((k for k, write in enumerate(trace.event(row).writes) if write.location == ref.location), 0)
            source = (-row, output)
            if source in masks and masks[source].shape == read.shape:
                masks[source] |= read
            elif source not in masks:
                masks[source] = read.copy()
                heapq.heappush(waiting, source)
    return steps


def reads_of(trace: Trace, event: Event, mask: Mask, output: int = 0) -> list[Mask]:
    """For each input of an event the elements that those of the mask, of one of its outputs, were computed from."""
    shapes = [trace.recording.form(ref.value)[0] if ref.value >= 0 else () for ref in event.reads]
    if event.kind in (Kind.DETACH, Kind.OPTIMIZER_STEP):  # element by element
        return [mask if shape == mask.shape else np.ones(shape, bool) for shape in shapes]
    op = str(event.detail.get("op") or "")
    row = row_of(op, str(event.detail.get("grad_fn") or "")) or next(iter(rows_named(op)), None)
    if row is not None and row.elementwise:
        return [_narrowed(mask, shape) for shape in shapes]
    if op in _PRODUCTS:
        known = _product(op, mask, shapes)
        if known is not None:
            return known
    call = _call(trace, event, op)
    ports = event.detail.get("ports") or range(len(event.reads))
    found = []
    for port, shape in zip(ports, shapes, strict=False):
        gradient = call.vjp(int(port), call.given(_weights(mask), output, len(event.writes))) if call is not None else None
        found.append(_narrowed(gradient != 0, shape) if gradient is not None else np.ones(shape, bool))
    return found


def _weights(mask: Mask) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A cotangent that is 0 outside of the mask, and of which no two elements are equal: what cancels does so by no accident."""
    weights = np.zeros(mask.shape)
    weights[mask] = np.linspace(1.0, 2.0, int(mask.sum()))
    return weights


def _call(trace: Trace, event: Event, op: str) -> Call | None:
    """The recorded call of an op, ready to run its backward rule."""
    grad_fn = str(event.detail.get("grad_fn") or "")
    rows = rows_named(op, grad_fn)
    if not rows or not event.writes:
        return None
    if not grad_fn:  # not tracked: max() and max(dim) have one name, and the second gives places as well
        rows = tuple(sorted(rows, key=lambda row: bool(row.nondiff) != (len(event.writes) > 1)))
    values: dict[int, Any] = {int(k): v for k, v in (event.detail.get("numbers") or {}).items()}
    shapes: dict[int, tuple[int, ...]] = {}
    for port, ref in zip(event.detail.get("ports") or range(len(event.reads)), event.reads, strict=False):
        values[int(port)] = trace.recording.array(ref.value) if ref.value >= 0 else None
        shapes[int(port)] = trace.recording.form(ref.value)[0] if ref.value >= 0 else ()
    count = max(values, default=-1) + 1
    result = trace.recording.array(event.writes[0].value) if event.writes[0].value >= 0 else None
    inputs = [values.get(k) for k in range(count)]
    return Call(rows[0], inputs, [shapes.get(k, ()) for k in range(count)], result, event.detail.get("params") or {})


def _narrowed(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """A mask of a broadcast shape as one of the shape before."""
    if mask.shape == shape:
        return mask
    if mask.ndim < len(shape):
        return np.ones(shape, bool)
    mask = np.asarray(mask.any(axis=tuple(range(mask.ndim - len(shape)))))
    for axis, size in enumerate(shape):
        if size == 1 and mask.shape[axis] != 1:
            mask = np.asarray(mask.any(axis=axis, keepdims=True))
    return mask if mask.shape == shape else np.ones(shape, bool)


def _product(op: str, mask: Mask, shapes: list[tuple[int, ...]]) -> list[Mask] | None:
    """Rows of the left and columns of the right factor; also where a factor is 0, of which the backward rule knows nothing."""
    first = 1 if op == "addmm" else 0
    if len(shapes) < first + 2:
        return None
    left, right = shapes[first : first + 2]
    if op == "linear" and len(right) == 2:
        rows, columns = np.asarray(mask.any(axis=-1, keepdims=True)), np.asarray(mask.reshape(-1, mask.shape[-1]).any(axis=0))
        found = [np.broadcast_to(rows, left).copy(), np.broadcast_to(columns[:, None], right).copy()]
        return found + [_narrowed(mask, shape) for shape in shapes[2:]]
    if len(left) < 2 or len(right) != len(left) or len(left) != mask.ndim or left[:-2] != right[:-2]:
        return None
    rows, columns = np.asarray(mask.any(axis=-1, keepdims=True)), np.asarray(mask.any(axis=-2, keepdims=True))
    factors = [np.broadcast_to(rows, left).copy(), np.broadcast_to(columns, right).copy()]
    return [_narrowed(mask, shapes[0]), *factors] if first else factors


def place_of(mask: Mask) -> Place:
    """A mask as an index for numpy where it is a box, None where it is all of the value or no box."""
    if (mask.all() and mask.size > 1) or not mask.any():
        return None
    place: list[int | slice] = []
    count = 1
    for axis in range(mask.ndim):
        at = np.flatnonzero(mask.any(axis=tuple(k for k in range(mask.ndim) if k != axis)))
        count *= len(at)
        if len(at) != at[-1] - at[0] + 1:
            return None
        whole = len(at) == mask.shape[axis] and len(at) > 1
        place.append(slice(None) if whole else int(at[0]) if len(at) == 1 else slice(int(at[0]), int(at[-1]) + 1))
    return tuple(place) if count == int(mask.sum()) else None


def parse_element(text: str, shape: tuple[int, ...]) -> Index | None:
    """The element that "1, 0" or "[1, 0]" names; None for an empty text.

    Raises:
        ValueError: it is none of the shape, in words.
    """
    bare = text.strip().removeprefix("[").removesuffix("]").strip()
    if not bare:
        return None
    try:
        index = tuple(int(part) for part in bare.split(","))
    except ValueError:
        raise ValueError("An element is named by whole numbers, such as 1, 0.") from None
    if len(index) != len(shape) or any(not -n <= k < n for k, n in zip(index, shape, strict=True)):
        raise ValueError(f"A value of shape {shape} has no element {list(index)}.")
    return tuple(int(k) for k in np.add(index, [n if k < 0 else 0 for k, n in zip(index, shape, strict=True)]))
