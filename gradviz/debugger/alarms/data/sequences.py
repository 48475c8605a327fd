"""Sequences: a recurrent layer that reads the samples of a batch as one sequence, or that forgets its state from call to call; words that are to predict the next sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...script.syntax import code
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker, readers
from .batch_axes import samples_first

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_REDUCING = frozenset({"mean", "sum", "amax", "max"})
_INSIDE = 60  # events of an attention before its softmax
_ATTENTION = re.compile(r"\b(MultiheadAttention|TransformerEncoderLayer|TransformerDecoderLayer)\(")
_LAYER = re.compile(r"((?:self\.)?[A-Za-z_]\w*)\(")
_RECURRENT = r"{}\s*=\s*(?:[\w.]*\.)?(?:LSTM|GRU|RNN)\("
_BACK = 200  # events between two states of a layer
_VIEWS = 3
_CALLS = 2  # in one turn, that could hand a state on
_HALF = 0.5


def samples_attend(run: RecordedRun) -> Iterator[Alarm]:
    """MultiheadAttention without batch_first that is given (samples, places, features): the samples attend to each other; one alarm."""
    trace, recording = run.trace, run.recording
    found = _ATTENTION.search(code(recording.source))
    if found is None or "batch_first" in code(recording.source):
        return
    attending = frozenset(site.op for site in recording.sites if site.op == "softmax" or "dot_product" in site.op)
    for site, event in first_calls(run, attending):
        scores = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        if site.index not in trace.fired or len(scores) not in (3, 4) or (site.op == "softmax" and scores[-1] != scores[-2]):
            continue
        given = next(
            (shape for row in range(event.index - 1, max(event.index - _INSIDE, -1), -1) if (shape := _flattened(run, row, site.line))), ()
        )
        if len(given) != 3 or given[0] != scores[-2] or given[0] == given[1]:
            continue
        told = samples_first(run, given[:2], event.index) or _places_reduced(run, given, event.index)
        if told is None:
            continue
        line = recording.source[: found.start()].count("\n") + 1
        yield Alarm(
            "exchanged dimensions", Severity.WARNING, "the samples attend to each other",
            f"The {found[1]} of line {line} takes dimension 0 of what line {site.line} gives it, of {given[0]}, for the places of a sentence, and dimension 1, of {given[1]}, for the batch; line {told.line} has the "
            f"{given[0]} samples in dimension 0. Each sample looks at the others, and no place at another.",
            "Give the layer batch_first=True where the batch stands first.", event.index, (site.index,), len(trace.made[site.index]), line,
        )  # fmt: skip
        return


def _flattened(run: RecordedRun, row: int, line: int) -> tuple[int, ...]:
    """The shape of what a layer of a line makes rows of, such as an attention of its queries; () for another event."""
    event = run.trace.event(row)
    if event.line != line or event.kind != Kind.VIEW or not event.reads or min(event.reads[0].value, event.writes[0].value) < 0:
        return ()
    before, after = (tuple(run.recording.form(ref.value)[0]) for ref in (event.reads[0], event.writes[0]))
    return before if len(before) == 3 and len(after) == 2 and after == (before[0] * before[1], before[2]) else ()


def _places_reduced(run: RecordedRun, shape: tuple[int, ...], after: int) -> Event | None:
    """What takes the mean over dimension 1 of the outcome, or one place of it, so that dimension 0 is left."""
    for row in range(after, min(after + _BACK, run.length)):
        event = run.trace.event(row)
        dims = (event.detail.get("params") or {}).get("dim")
        form = tuple(run.recording.form(event.reads[0].value)[0]) if event.reads and event.reads[0].value >= 0 else ()
        if event.detail.get("op") in (*_REDUCING, "select") and form[:2] == shape[:2] and len(form) == 3 and dims in (1, [1], -2):
            return event
    return None


def samples_as_time(run: RecordedRun) -> Iterator[Alarm]:
    """States stacked along time, of which a whole batch is then reduced to one sample, and time is kept: the two are exchanged; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        if site.op not in ("stack", "cat") or not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        layer = _layer(run, site.line)
        form = recording.form(event.writes[0].value)[0] if event.writes and event.writes[0].value >= 0 else ()
        time = (event.detail.get("params") or {}).get("dim")
        if not layer or len(form) != 3 or time not in (0, 1) or len(event.reads) < 2 or not _one_from_another(run, event):
            continue
        found = _kept_time(run, event, time)
        if found is None:
            continue
        reader, samples = found
        steps, batch = form[time], form[1 - time]
        first = samples == 0
        batch_first = "batch_first=True" in source_line(run, layer) and samples_first(run, (batch, steps), event.index) is not None
        if batch_first and reader.detail.get("op") != "select":
            continue  # the layer is right, and the reduction is told of as such
        if batch_first:
            yield Alarm(
                "exchanged dimensions", Severity.WARNING, "the last sample in the place of the last step",
                f"Line {reader.line} takes one of dimension 0 of what the recurrent layer of line {layer} gives: with batch_first=True the {batch} samples stand there, and the {steps} steps in dimension 1. What goes on are "
                "the states of one sample, as if they were the samples.",
                "Take the last step of each sample: out[:, -1].", reader.index, (reader.site, site.index), len(made), reader.line,
            )  # fmt: skip
            return
        yield Alarm(
            "exchanged dimensions", Severity.WARNING, "a recurrent layer reads the batch as time",
            f"The recurrent layer of line {layer} takes dimension {1 if first else 0} of what line {site.line} gives it for time ({steps} steps) and dimension {samples} for the "
            f"batch ({batch} samples); line {reader.line} then takes one of dimension {samples} and keeps dimension {1 if first else 0}, as if those were the samples. "
            "Each sample is computed from those before it in the batch.",
            "Give the layer batch_first=True where the batch stands first." if not first else "Leave batch_first=True away where time stands first.",
            event.index, (site.index, reader.site), len(made), layer,
        )  # fmt: skip
        return


def forgotten_states(run: RecordedRun) -> Iterator[Alarm]:
    """A recurrent layer or cell that is called again and again, each time from a state of zeros; one alarm."""
    for site in run.recording.sites:
        if site.role != "leaf" or not re.search(r"weight_hh(?:_l\d+)?$", site.name):
            continue
        events = _multiplied_by(run, site.index)
        lines = {event.line for event in events}
        calls = Counter((event.pass_, event.step) for event in events)
        if len(lines) != 1 or max(calls.values()) < _CALLS or any(_state(run, event) for event in events):
            continue
        line, number = lines.pop(), max(calls.values())
        owner = site.name.rsplit(".", 1)[0] if "." in site.name else "The layer"
        yield Alarm(
            "forgotten state", Severity.WARNING, "each call starts from zeros",
            f"{owner} is called {number} times in a turn by line {line}, and starts from a state of zeros each time: the state that the call before gave is not handed in. Nothing is "
            f"remembered from one step to the next, and {site.name} gets no gradient.",
            "Hand the state on: out, h = rnn(x, h); of a cell: h = cell(x, h).", events[0].index, (site.index, events[0].site), len(events), line,
        )  # fmt: skip
        return


def one_step_of_the_reverse(run: RecordedRun) -> Iterator[Alarm]:
    """A bidirectional layer of which only the last place is used: there the direction that reads backwards has read one step; one alarm."""
    trace, recording, columns = run.trace, run.recording, run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    norms = {}
    for bucket in sorted(set(columns.site[rows].tolist())):
        leaf = trace.leaf_of.get(bucket, bucket)
        mine = rows[columns.site[rows] == bucket][:_BACK].tolist()
        norms[recording.sites[leaf].name] = (max(trace.norm(trace.event(row).reads[0].value) for row in mine), leaf, mine[0])
    for name, (norm, leaf, row) in norms.items():
        found = re.match(r"(.*)weight_hh(_l\d+)_reverse$", name)
        reads, forwards = (
            (norms.get(f"{found[1]}{word}") for word in (f"weight_ih{found[2]}_reverse", f"weight_hh{found[2]}")) if found else (None, None)
        )
        if norm > 0 or reads is None or forwards is None or not reads[0] or not forwards[0]:
            continue
        taken = [
            trace.event(int(trace.made[site.index][0])) for site in recording.sites if site.op == "select" and site.index in trace.fired
        ]
        last = next(
            (event for event in reversed(taken) if len(recording.form(event.reads[0].value)[0]) == 3 and _is_last(run, event)), None
        )
        line = last.line if last is not None else 0
        where = f"Line {line} takes" if line else "The loss uses"
        yield Alarm(
            "reverse", Severity.WARNING, "the reverse direction has read one step",
            f"{where} the last place of a bidirectional layer: the direction that reads from the end has read one step there, and {name} gets no gradient. Of what stands before, only the "
            "other direction knows.",
            "Take the final states of both: torch.cat([h[-2], h[-1]], dim=1) of the h that the layer returns, or out[:, -1, :n] with out[:, 0, n:].",
            last.index if last is not None else row, (leaf,) if last is None else (last.site, leaf), 1, line,
        )  # fmt: skip
        return


def _is_last(run: RecordedRun, event: Event) -> bool:
    params = event.detail.get("params") or {}
    dim, index = params.get("dim"), params.get("index")
    return isinstance(dim, int) and isinstance(index, int) and 0 < index == run.recording.form(event.reads[0].value)[0][dim] - 1


def _multiplied_by(run: RecordedRun, leaf: int) -> list[Event]:
    """The products with a weight that have a gradient, also through its transpose, in their order."""
    trace, recording, found = run.trace, run.recording, list[Event]()
    made = trace.made[leaf]
    waiting = [ref.location for row in made[:1] for ref in trace.event(int(row)).writes]
    for location in waiting:
        for row in recording.reads_of(location)[:_BACK].tolist():
            event = trace.event(row)
            if event.kind == Kind.VIEW and event.site in trace.fired:
                waiting += [ref.location for ref in event.writes]
            elif event.kind == Kind.OP and event.site in trace.fired:
                found.append(event)
    return sorted(found, key=lambda event: event.index)


def _state(run: RecordedRun, product: Event) -> bool:
    """Whether the state that a recurrent weight is multiplied with holds anything."""
    shaped = [ref for ref in product.reads if ref.value >= 0 and len(run.recording.form(ref.value)[0]) == 2]
    return not shaped or run.trace.norm(shaped[0].value) > 0


def _layer(run: RecordedRun, line: int) -> int:
    """The line that makes the recurrent layer which is called in a line, 0 for none."""
    lines = run.recording.source.splitlines()
    for name in _LAYER.findall(source_line(run, line)):
        made = re.compile(_RECURRENT.format(re.escape(name)))
        found = next((number for number, text in enumerate(lines, 1) if made.search(text)), 0)
        if found:
            return found
    return 0


def _one_from_another(run: RecordedRun, stacked: Event) -> bool:
    """Whether the second of some states was computed from the first."""
    trace, first = run.trace, stacked.reads[0].location
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


def _kept_time(run: RecordedRun, stacked: Event, time: int) -> tuple[Event, int] | None:
    """What reduces the batch and keeps time, directly or after dimensions were exchanged, and along which dimension."""
    trace, location, samples = run.trace, stacked.writes[0].location, 1 - time
    for _ in range(_VIEWS):
        readers = [trace.event(int(row)) for row in run.recording.reads_of(location)]
        written = [trace.event(row) for row in trace.writes(location)]
        turns = sum(event.kind == Kind.INPLACE_WRITE and event.detail.get("op") == "transpose" for event in written)
        samples = samples if turns % 2 == 0 else 1 - samples  # a layer with batch_first=True ends with transpose_(0, 1)
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


def next_sample_for_next_word(run: RecordedRun) -> Iterator[Alarm]:
    """`batch[:-1]` and `batch[1:]` of (samples, places): the target of a sentence is the next sentence of the batch; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"slice"})):
        whole, part = (recording.form(ref.value) if ref.value >= 0 else ((), "") for ref in (event.reads[0], event.writes[0]))
        if (
            len(whole[0]) != 2
            or not whole[1].startswith(("int", "uint"))
            or part[0] != (whole[0][0] - 1, whole[0][1])
            or not _starts(event, 0)
        ):
            continue
        shifted = next(
            (
                each
                for each in readers(run, event.reads[0].location)
                if each.detail.get("op") == "slice" and _starts(each, 1) and _sizes(run, each) == part[0]
            ),
            None,
        )
        taken = samples_first(run, whole[0], event.index) if shifted is not None else None
        if shifted is None or taken is None or not (_by_number(run, taken) or "batch_first=True" in code(recording.source)):
            continue
        yield Alarm(
            "next sample", Severity.WARNING, "the next sentence in the place of the next word",
            f"Lines {site.line} and {shifted.line} cut a batch of shape {tuple(whole[0])} along dimension 0, where its {whole[0][0]} samples stand (line {taken.line} takes them so): what each place is to predict stands at the same place of the "
            "next sample of the batch, and not one place further."
            if site.line != shifted.line
            else f"Line {site.line} cuts a batch of shape {tuple(whole[0])} along dimension 0, where its {whole[0][0]} samples stand (line {taken.line} takes them so): what each place is to predict stands at the same place of the next sample "
            "of the batch, and not one place further.",
            "Cut along the places: batch[:, :-1] and batch[:, 1:].", event.index, (site.index, shifted.site), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _starts(event: Event, first: int) -> bool:
    """Whether a slice is of the first dimension alone, and begins at a number."""
    key = (event.detail.get("params") or {}).get("key")
    return isinstance(key, list) and len(key) == 1 and str(key[0]).split(":")[0] in (("", "0") if first == 0 else (str(first),))


def _sizes(run: RecordedRun, event: Event) -> tuple[int, ...]:
    return tuple(run.recording.form(event.writes[0].value)[0]) if event.writes and event.writes[0].value >= 0 else ()


def _by_number(run: RecordedRun, taken: Event) -> bool:
    """Whether a batch was put together from samples, by their numbers or by a loader: a slice may be one of time."""
    if taken.kind == Kind.CREATE_LEAF or taken.detail.get("op") in ("index", "index_select"):
        return True
    source = maker(run, taken.reads[0], taken.index) if taken.detail.get("op") == "split" and taken.reads else None
    return source is not None and source.detail.get("op") in ("index", "index_select")
