"""Sequences whose time and batch are exchanged: a recurrent layer that reads the samples of a batch as one sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind
from ..diagnosis.finding import source_line
from .alarm import Alarm, Severity

if TYPE_CHECKING:
    from ..session import Session

_REDUCING = frozenset({"mean", "sum", "amax", "max"})
_LAYER = re.compile(r"((?:self\.)?[A-Za-z_]\w*)\(")
_RECURRENT = r"{}\s*=\s*(?:[\w.]*\.)?(?:LSTM|GRU|RNN)\("
_BACK = 200  # events between two states of a layer
_VIEWS = 3


def samples_as_time(session: Session) -> Iterator[Alarm]:
    """States stacked along time, of which a whole batch is then reduced to one sample, and time is kept: the two are exchanged; one alarm."""
    trace, recording = session.trace, session.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in ("stack", "cat") or not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        layer = _layer(session, site.line)
        form = recording.form(event.writes[0].value)[0] if event.writes and event.writes[0].value >= 0 else ()
        time = (event.detail.get("params") or {}).get("dim")
        if not layer or len(form) != 3 or time not in (0, 1) or len(event.reads) < 2 or not _one_from_another(session, event):
            continue
        found = _kept_time(session, event, time)
        if found is None:
            continue
        reader, samples = found
        steps, batch = form[time], form[1 - time]
        first = samples == 0
        yield Alarm(
            "exchanged dimensions", Severity.WARNING, "a recurrent layer reads the batch as time",
            f"The recurrent layer of line {layer} takes dimension {1 if first else 0} of what line {site.line} gives it for time ({steps} steps) and dimension {samples} for the "
            f"batch ({batch} samples); line {reader.line} then takes one of dimension {samples} and keeps dimension {1 if first else 0}, as if those were the samples. "
            "Each sample is computed from those before it in the batch.",
            "Give the layer batch_first=True where the batch stands first." if not first else "Leave batch_first=True away where time stands first.",
            event.index, (site.index, reader.site), len(made), layer,
        )  # fmt: skip
        return


def _layer(session: Session, line: int) -> int:
    """The line that makes the recurrent layer which is called in a line, 0 for none."""
    lines = session.recording.source.splitlines()
    for name in _LAYER.findall(source_line(session, line)):
        made = re.compile(_RECURRENT.format(re.escape(name)))
        found = next((number for number, text in enumerate(lines, 1) if made.search(text)), 0)
        if found:
            return found
    return 0


def _one_from_another(session: Session, stacked: Event) -> bool:
    """Whether the second of some states was computed from the first."""
    trace, first = session.trace, stacked.reads[0].location
    waiting, seen = [(stacked.reads[1].location, stacked.index)], set[int]()
    for location, before in waiting:
        row = trace.last_write(location, before - 1)
        if row is None or row in seen or len(seen) > _BACK:
            continue
        seen.add(row)
        event = trace.event(row)
        if any(ref.location == first for ref in event.reads):
            return True
        waiting += [(ref.location, row) for ref in event.reads if event.kind in (Kind.OP, Kind.VIEW)]
    return False


def _kept_time(session: Session, stacked: Event, time: int) -> tuple[Event, int] | None:
    """What reduces the batch and keeps time, directly or after dimensions were exchanged, and along which dimension."""
    trace, location, samples = session.trace, stacked.writes[0].location, 1 - time
    for _ in range(_VIEWS):
        readers = [trace.event(int(row)) for row in session.recording.reads_of(location)]
        for reader in readers:
            params = reader.detail.get("params") or {}
            dims = params.get("dim")
            dim = dims[0] if isinstance(dims, list) and len(dims) == 1 else dims
            taken = reader.detail.get("op") == "select" or reader.detail.get("op") in _REDUCING
            if taken and isinstance(dim, int) and dim % 3 == samples and reader.site in trace.fired:
                return reader, samples
        turned = next(
            (r for r in readers if r.kind == Kind.VIEW and r.detail.get("op") in ("transpose", "permute", "slice") and r.writes), None
        )
        if turned is None:
            return None
        params = turned.detail.get("params") or {}
        if turned.detail.get("op") == "permute" and list(params.get("dims", ())) != [1, 0, 2]:
            return None
        if turned.detail.get("op") == "transpose" and {params.get("dim0"), params.get("dim1")} != {0, 1}:
            return None
        samples = samples if turned.detail.get("op") == "slice" else 1 - samples
        location = turned.writes[0].location
    return None
