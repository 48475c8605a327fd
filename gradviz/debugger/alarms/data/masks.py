"""Masks that are laid the wrong way round: what counts is taken out, and what does not count is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event
from ...words.names import name_of
from ..alarm import Alarm, Severity
from ..origin import behind, called, first_calls, readers

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_BACK = 200  # events from attention to its mask
_LOW = -1e3  # what a softmax makes 0


def inverted(run: RecordedRun) -> Iterator[Alarm]:
    """masked_fill(tokens != pad, -inf), masked_fill(tril, -inf): the true places are those that are filled; one alarm."""
    trace = run.trace
    given = (event.detail.get("params") or {} for _, event in first_calls(run, frozenset({"embedding"})))
    pads = {pad for params in given if (pad := params.get("padding_idx", -1)) >= 0}
    for site, event in first_calls(run, frozenset({"masked_fill"})):
        filled = list((event.detail.get("numbers") or {}).values())
        if (
            site.index not in trace.fired
            or len(event.reads) < 2
            or not filled
            or not isinstance(filled[-1], int | float)
            or filled[-1] > _LOW
        ):
            continue
        why = _wrong_way(run, event, pads)
        if why:
            name = name_of(trace, trace.producer(event.reads[1].location, event.index), event.index)
            yield Alarm(
                "inverted mask", Severity.WARNING, "the mask is the wrong way round",
                f"masked_fill in line {site.line} fills where {name} is true, and {why}: what was to be looked at is taken out, and what was to be hidden is left.",
                "Take the transpose: scores.masked_fill(mask.transpose(-2, -1), ...)." if "all that stands before" in why else "Turn it round: scores.masked_fill(~mask, ...).", event.index, (site.index,), len(trace.made[site.index]), site.line,
            )  # fmt: skip
            return
    yield from _added_the_wrong_way(run)
    yield from _past_added_away(run)


def _added_the_wrong_way(run: RecordedRun) -> Iterator[Alarm]:
    """A causal mask that attention was given as booleans, and added as -inf: it was true where one may look."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.role != "leaf" or not len(made):
            continue
        event = trace.event(int(made[0]))
        form = recording.form(event.writes[0].value) if event.writes and event.writes[0].value >= 0 else ((), "")
        added = (
            recording.array(event.writes[0].value)
            if len(form[0]) == 2 and form[0][0] == form[0][1] > 2 and form[1].startswith("float")
            else None
        )
        if added is None or not np.isin(added, (0, -np.inf)).all() or not _lower_triangle(np.isneginf(added)):
            continue
        source = _true_below(run, form[0], event.index)
        if source is None:
            continue
        yield Alarm(
            "inverted mask", Severity.WARNING, "the mask is the wrong way round",
            f"The mask of line {source.line} is true up to the diagonal, and attention (line {site.line}) hides what is true: each place looks at what comes after it alone, and not at itself or what came before.",
            "True means hidden here: torch.triu(torch.ones(n, n), diagonal=1).bool().", event.index, (site.index,), len(made), source.line,
        )  # fmt: skip
        return


def _past_added_away(run: RecordedRun) -> Iterator[Alarm]:
    """scores + mask, where the mask is -inf before each place, and 0 at it and after it; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"add"})):
        for ref in event.reads if site.index in trace.fired and len(event.reads) == 2 else ():
            shape = recording.form(ref.value)[0] if ref.value >= 0 else ()
            if len(shape) < 2 or shape[-1] != shape[-2] or trace.requires_grad(ref.location, event.index):
                continue
            added = recording.array(ref.value)
            if added is None or added.dtype.kind != "f" or not ((added == 0) | (added <= _LOW)).all() or not _before_each(added <= _LOW):
                continue
            made = behind(run, ref, event.index)
            line = made.line if made is not None and made.line else site.line
            yield Alarm(
                "inverted mask", Severity.WARNING, "the mask is the wrong way round",
                f"Line {site.line} adds a mask that hides all that stands before each place, and leaves what comes after it: a causal mask is the other way round.",
                'Hide what comes after: torch.full((n, n), float("-inf")).triu(1).', event.index, (site.index,), len(trace.made[site.index]), line,
            )  # fmt: skip
            return


def _true_below(run: RecordedRun, shape: tuple[int, ...], before: int) -> Event | None:
    """The latest boolean mask of a shape that is true up to the diagonal."""
    for row in range(before - 1, max(before - _BACK, -1), -1):
        event = run.trace.event(row)
        if event.writes and event.writes[0].value >= 0 and run.recording.form(event.writes[0].value) == (shape, "bool"):
            mask = run.recording.array(event.writes[0].value)
            return event if mask is not None and _lower_triangle(mask) else None
    return None


def _wrong_way(run: RecordedRun, event: Event, pads: set[int]) -> str:
    """Why the true places of a mask are those that were to stay; "" where nothing says so."""
    mask = run.recording.array(event.reads[1].value) if event.reads[1].value >= 0 else None
    if mask is None or mask.ndim < 2 or not mask.any() or mask.all():
        return ""
    if _lower_triangle(mask):
        return "that is what stands before each place and the place itself: a causal mask hides what comes after"
    if _before_each(mask):
        return "that is all that stands before each place: a causal mask hides what comes after"
    made = behind(run, event.reads[1], event.index)
    turned = 0
    while made is not None and made.detail.get("op") in ("logical_not", "bitwise_not", "unsqueeze") and made.reads and turned < 4:
        turned, made = turned + 1, behind(run, made.reads[0], made.index)
    if made is not None and not turned and _before_the_lengths(run, made, mask.shape[-1]):
        return f"those are the places before the lengths (line {made.line}), where the sequences are"
    if made is None or turned or made.detail.get("op") != "ne" or len(made.reads) != 1:
        return ""
    pad = next(iter((made.detail.get("numbers") or {}).values()), None)
    return f"those are the places that are not {pad}, the padding" if pad in pads else ""


def _before_the_lengths(run: RecordedRun, made: Event, size: int) -> bool:
    """Whether a mask is `torch.arange(n) < lengths`: true at what is there, and false behind it."""
    op = made.detail.get("op")
    arrays = [run.recording.array(ref.value) if ref.value >= 0 else None for ref in made.reads[:2]]
    places, lengths = arrays if op == "lt" and len(arrays) == 2 else arrays[::-1] if op == "gt" and len(arrays) == 2 else (None, None)
    if places is None or lengths is None or places.size != size or lengths.ndim < 1 or lengths.shape[-1] != 1:
        return False
    return bool((places.reshape(-1) == np.arange(size)).all() and (lengths > 0).all() and (lengths <= size).all())


def _before_each(mask: np.ndarray) -> bool:
    """Whether a square mask is true below the diagonal, and nowhere else."""
    square = mask.reshape(-1, *mask.shape[-2:])
    size = mask.shape[-1]
    return mask.shape[-2] == size > 2 and bool((square == np.tril(np.ones((size, size), bool), -1)).all())


def _lower_triangle(mask: np.ndarray) -> bool:
    """Whether a square mask is true up to the diagonal, and false above it."""
    square = mask.reshape(-1, *mask.shape[-2:])
    size = mask.shape[-1]
    return mask.shape[-2] == size > 2 and bool((square == np.tril(np.ones((size, size), bool))).all())


def filled_with_zero(run: RecordedRun) -> Iterator[Alarm]:
    """Scores that a mask makes 0 before a softmax: 0 is a score like others, and the masked places keep their share; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"softmax", "log_softmax"})):
        before = behind(run, event.reads[0], event.index) if event.reads and site.index in trace.fired else None
        hidden = _made_zero(run, before) if before is not None and before.site in trace.fired else None
        dim = (event.detail.get("params") or {}).get("dim")
        scores = recording.array(event.reads[0].value) if event.reads and event.reads[0].value >= 0 else None
        if before is None or hidden is None or scores is None or not isinstance(dim, int):
            continue
        try:
            hidden = np.broadcast_to(hidden, recording.form(before.writes[0].value)[0]).reshape(scores.shape)
        except ValueError:
            continue
        share = hidden.mean(axis=dim)
        if not ((share > 0) & (share < 1)).any() or _masked_again(run, event):
            continue
        yield Alarm(
            "filled with zero", Severity.WARNING, "masked scores are 0, and count",
            f"Line {before.line} makes masked scores 0, and {site.op} (line {site.line}) gives a score of 0 its share, exp(0) = 1 before it is divided: what was to be hidden is looked at all the same.",
            'Hide it with minus infinity: scores.masked_fill(mask == 0, float("-inf")).', before.index, (before.site, site.index), len(trace.made[site.index]), before.line,
        )  # fmt: skip
        return


def _made_zero(run: RecordedRun, event: Event) -> np.ndarray[Any, Any] | None:
    """Where an op makes scores 0 by a mask: masked_fill(mask, 0), or a product with zeros and ones; None for another op."""
    numbers = list((event.detail.get("numbers") or {}).values())
    if not event.writes or len(event.reads) != 2 or event.reads[1].value < 0:
        return None
    mask = run.recording.array(event.reads[1].value)
    if mask is None:
        return None
    if event.detail.get("op") == "masked_fill" and numbers and numbers[-1] == 0 and mask.dtype == bool:
        return mask
    ones = mask == 1
    plain = event.detail.get("op") == "mul" and not run.trace.requires_grad(event.reads[1].location, event.index)
    return ~ones if plain and mask.size > 1 and (ones | (mask == 0)).all() and ones.any() else None


def _masked_again(run: RecordedRun, softmax: Event) -> bool:
    """Whether the weights are masked once more behind the softmax, and made to sum to 1 again, as some do."""
    trace = run.trace
    waiting = [softmax.writes[0].location] if softmax.writes else []
    for location in waiting:
        for reader in (trace.event(int(row)) for row in run.recording.reads_of(location)[:8]):
            if reader.detail.get("op") in ("masked_fill", "where") or _made_zero(run, reader) is not None:
                return True
            if reader.detail.get("op") in ("view", "_unsafe_view", "exp") and len(waiting) < 4:
                waiting += [ref.location for ref in reader.writes]
    return False


def bits_turned(run: RecordedRun) -> Iterator[Alarm]:
    """`~mask` of a mask of whole numbers, 0 and 1: it turns all bits, and gives -1 and -2, and not 1 and 0; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"bitwise_not"})):
        mask = recording.array(event.reads[0].value) if event.reads and event.reads[0].value >= 0 else None
        turned = recording.array(event.writes[0].value) if event.writes and event.writes[0].value >= 0 else None
        if mask is None or turned is None or mask.dtype == bool or not mask.size or not np.isin(mask, (0, 1)).all():
            continue
        counted = [reader for reader in readers(run, event.writes[0].location) if reader.site in trace.fired]
        if not counted:
            continue
        name, found = called(run, event.reads[0], event.index), " and ".join(str(number) for number in np.unique(turned)[::-1].tolist())
        yield Alarm(
            "bits turned", Severity.WARNING, "~ turns the bits of whole numbers",
            f"{name} holds 0 and 1 as {mask.dtype}, and ~ in line {site.line} turns all bits of each number: it gives {found}, and no 1 and 0. Line {counted[0].line} multiplies by them.",
            f"Make it a mask of booleans, {name}.bool(), or write 1 - {name}.", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def of_whole_rows(run: RecordedRun) -> Iterator[Alarm]:
    """A mask that hides whole rows of the scores of a softmax: within a row nothing is hidden from anything; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"softmax", "log_softmax"})):
        scores = recording.array(event.reads[0].value) if event.reads and event.reads[0].value >= 0 else None
        before = behind(run, event.reads[0], event.index) if scores is not None and site.index in trace.fired else None
        dim = (event.detail.get("params") or {}).get("dim")
        if (
            scores is None
            or before is None
            or scores.ndim < 3
            or dim not in (-1, scores.ndim - 1)
            or not 1 < scores.shape[-1] == scores.shape[-2]
        ):
            continue
        hidden = scores <= _LOW
        rows = np.asarray(hidden.all(axis=-1))
        if not (rows.any(axis=-1) & ~rows.all(axis=-1)).any() or (hidden != rows[..., None]).any():
            continue  # where a sample is hidden as a whole, it may be empty
        shape = scores.shape
        keys = f"mask.unsqueeze(1), of shape ({shape[0]}, 1, {shape[-1]})" if scores.ndim == 3 else "mask[:, None, None, :]"
        yield Alarm(
            "rows hidden", Severity.WARNING, "the mask hides queries, and not keys",
            f"Line {before.line} hides whole rows of the scores, of shape {tuple(shape)}, and {site.op} (line {site.line}) goes along each row: what stands at a masked place is looked at by all others as before, and only what the masked "
            "place itself looks at is changed.",
            f"Lay the mask along the keys, the last dimension: {keys}.", before.index, (before.site, site.index), len(trace.made[site.index]), before.line,
        )  # fmt: skip
        return
