"""A recurrent layer whose state after the last place is used, where most sequences have ended before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ...script.syntax import code
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, readers, same_numbers

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_HALF = 0.5
_FAR = 8  # views and copies between what a layer is given and its first product
_INNER = 0.02  # share of the places before the end that may be zeros by chance


def state_of_the_padding(run: RecordedRun) -> Iterator[Alarm]:
    """out[:, -1], or h of (out, h), of padded sequences: the layer has read padding since they ended; one alarm."""
    recording, source = run.recording, code(run.recording.source)
    if (
        not re.search(r"\b(?:LSTM|GRU|RNN)\(", source)
        or "pack_padded" in source
        or "pack_sequence" in source
        or "bidirectional=True" in source
    ):
        return
    several = sum(site.role == "leaf" and site.name.endswith("weight_hh_l0") for site in recording.sites) > 1
    for site in recording.sites:
        if site.role != "leaf" or not re.search(r"weight_ih_l0$", site.name):
            continue
        product = _first_product(run, site.index)
        given = _given(run, product) if product is not None else None
        ended = _ended(given) if given is not None else 0.0
        if product is None or given is None or ended < _HALF:
            continue
        taken = _last_taken(run, product, given.shape[0])
        if taken is None or (taken.kind != Kind.VIEW and several):
            continue  # a decoder goes on from such a state, and learns to read it as it is
        what = (
            f"Line {taken.line} takes the last of {given.shape[0]} places"
            if taken.kind == Kind.VIEW
            else f"The state that line {taken.line} gives is the one after the last of {given.shape[0]} places"
        )
        yield Alarm(
            "state of the padding", Severity.WARNING, "the last place is padding",
            f"{what}, and {ended:.0%} of the sequences end before it: there the layer has read padding since their last word, and forgets them on the way.",
            "Take the place of the last word, out[torch.arange(len(out)), lengths - 1], or hand the layer pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False).",
            taken.index, (taken.site,), len(run.trace.made[taken.site]), taken.line,
        )  # fmt: skip
        return


def _first_product(run: RecordedRun, leaf: int) -> Event | None:
    """The first product of an input with a weight, through its transpose, that a gradient passed."""
    trace = run.trace
    born = trace.event(int(trace.made[leaf][0])) if len(trace.made[leaf]) else None
    for turned in readers(run, born.writes[0].location) if born is not None and born.writes else ():
        for event in (turned, *(one for ref in turned.writes if turned.kind == Kind.VIEW for one in readers(run, ref.location))):
            if event.kind == Kind.OP and event.site in trace.fired and event.reads:
                return event
    return None


def _given(run: RecordedRun, product: Event) -> np.ndarray[Any, Any] | None:
    """What the layer is given as (time, samples): which places hold anything; None where that cannot be seen."""
    ref = product.reads[0] if product.detail.get("op") != "addmm" else product.reads[1]
    at: Event | None = maker(run, ref, product.index)
    for _ in range(_FAR):
        if at is None or not at.reads:
            return None
        if ref.value >= 0 and len(run.recording.form(ref.value)[0]) == 3:
            break
        if not same_numbers(at):
            return None
        ref, at = at.reads[0], maker(run, at.reads[0], at.index)
    numbers = run.recording.array(ref.value) if ref.value >= 0 else None
    if numbers is None or numbers.ndim != 3:
        return None
    words = behind(run, ref, product.index)
    if words is not None and words.detail.get("op") == "embedding" and (words.detail.get("params") or {}).get("padding_idx", -1) < 0:
        return None  # which word is padding is not said
    held: np.ndarray[Any, Any] = (numbers != 0).any(axis=-1)
    return held


def _ended(held: np.ndarray[Any, Any]) -> float:
    """The share of samples behind whose end there are only zeros; 0 where zeros stand between other numbers as well."""
    if min(held.shape) < 2 or not held.any():
        return 0.0
    behind_end = np.logical_or.accumulate(held[::-1], axis=0)[::-1]  # whether anything comes, from a place on
    inner = behind_end & ~held
    if float(inner.sum()) > _INNER * held.size or not held[0].any():
        return 0.0
    return float((~held[-1]).mean())


def _last_taken(run: RecordedRun, product: Event, places: int) -> Event | None:
    """What takes the last place of a layer's outputs, where nothing else of them is used; the stacked states where no output is used at all."""
    trace = run.trace
    stacks = [event for _, event in first_calls(run, frozenset({"stack"})) if event.line == product.line and event.index > product.index]
    outputs = next((event for event in reversed(stacks) if len(event.reads) == places), None)
    if outputs is None:
        return None
    if outputs.site not in trace.fired:
        return next((event for event in stacks if len(event.reads) < places and event.site in trace.fired), None)
    waiting, found = [ref.location for ref in outputs.writes], list[Event]()
    for location in waiting:
        for reader in readers(run, location):
            if reader.site not in trace.fired or any(ref.location == location for ref in reader.writes):
                continue  # a layer with batch_first=True ends with transpose_(0, 1)
            if reader.detail.get("op") in ("transpose", "permute", "contiguous") and len(waiting) < _FAR:
                waiting += [ref.location for ref in reader.writes]
            elif reader.kind == Kind.VIEW and _last_place(run, reader, places):
                found.append(reader)
            else:
                return None  # others are read as well: by their mask or their lengths, perhaps
    return found[0] if found else None


def _last_place(run: RecordedRun, event: Event, places: int) -> bool:
    params = event.detail.get("params") or {}
    dim, shape = params.get("dim"), run.recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
    return (
        event.detail.get("op") == "select"
        and isinstance(dim, int)
        and len(shape) == 3
        and shape[dim] == places
        and params.get("index") in (-1, places - 1)
    )
