"""What the turns of a training are given: the same noise each time, data that a turn changes, batches of one class, padding, bytes that wrap around."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind, Phase
from ...diagnosis.finding import source_line
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import behind

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_TURNS = 3
_LOOKED_AT = 60
_RANDOM = re.compile(r"rand|normal|noise|sample|eps|bernoulli|gumbel", re.IGNORECASE)
_SEEDING = frozenset({"manual_seed", "seed"})
_CHANGING = frozenset({"add", "sub", "mul", "div", "addcmul", "lerp"})
_VIEWS = 4
_SMALLEST = 4  # samples of a batch that say something of its mixture
_SHARE = 0.8
_CLASSED = frozenset({"nll_loss", "nll_loss_nd", "nll_loss2d"})
_BATCHES = 200
_PADDED = 0.05  # of the targets
_WRAPPED = 0.01  # of the results
_EXACT = {"sub": np.subtract, "add": np.add, "mul": np.multiply}


def same_noise(run: RecordedRun) -> Iterator[Alarm]:
    """Random numbers that are the same in each turn, because each turn sets the generator back; one alarm."""
    recording, trace = run.recording, run.trace
    if not any(word in recording.source for word in _SEEDING):
        return
    for site in recording.sites:
        made = trace.made[site.index]
        if site.role != "leaf" or len(made) < _TURNS or not _RANDOM.search(source_line(run, site.line)):
            continue
        events = [trace.event(int(row)) for row in made[:_LOOKED_AT]]
        if len({event.step for event in events}) < _TURNS or any(not event.writes or event.detail.get("requires_grad") for event in events):
            continue
        arrays = [recording.array(event.writes[0].value) if event.writes[0].value >= 0 else None for event in events]
        first = arrays[0]
        if first is None or first.dtype.kind != "f" or first.size < 2 or not np.ptp(first) or not _same(first, arrays[1:]):
            continue
        seeding = _seeded(recording.source, site.line)
        if not seeding or not _feeds_a_gradient(run, events[0]) or not _one_training(run, events):
            continue
        yield Alarm(
            "same noise", Severity.WARNING, "the same random numbers in each turn",
            f"{node_title(trace, site)} (line {site.line}) is the same {first.size} numbers in each of {len(made)} turns: line {seeding} sets the generator back before they "
            "are drawn. It is a constant, and no noise.",
            "Seed once, at the start of the script.", events[1].index, (site.index,), len(made), seeding,
        )  # fmt: skip
        return


def _one_training(run: RecordedRun, drawn: list[Event]) -> bool:
    """Whether the same parameters are moved after the first draw and after the second; else each turn is an experiment from the start."""
    columns, first, second = run.columns, drawn[0].index, drawn[1].index
    rows = np.flatnonzero(
        (columns.kind == int(Kind.OPTIMIZER_STEP)) | ((columns.kind == int(Kind.INPLACE_WRITE)) & (columns.phase == int(Phase.UPDATE)))
    )
    between, after = (
        set(run.recording.first_owners(part).tolist()) for part in (rows[(rows > first) & (rows < second)], rows[rows > second])
    )
    return bool(between & after)


def _same(first: np.ndarray, others: list[np.ndarray | None]) -> bool:
    return all(other is not None and other.shape == first.shape and np.array_equal(first, other) for other in others)


def _seeded(source: str, line: int) -> int:
    """The line that seeds in a loop or in a function, the nearest above another line; 0 for none."""
    tree = syntax_tree(source)
    inner = {
        id(node)
        for holder in walk(tree)
        if isinstance(holder, ast.For | ast.While | ast.FunctionDef)
        for stmt in holder.body
        for node in walk(stmt)
    }
    found = [
        node.lineno
        for node in walk(tree)
        if id(node) in inner and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SEEDING
    ]
    return max((number for number in found if number <= line), default=max(found, default=0))


def _feeds_a_gradient(run: RecordedRun, made: Event) -> bool:
    """Whether something with history is computed from a leaf, through views and what has none."""
    trace, waiting, seen = run.trace, [made.writes[0].location], set[int]()
    for location in waiting:
        for row in run.recording.reads_of(location)[:_VIEWS].tolist():
            event = trace.event(row)
            if event.kind not in (Kind.OP, Kind.VIEW) or row in seen or len(seen) > _LOOKED_AT:
                continue
            seen.add(row)
            if event.site in trace.fired:
                return True
            waiting += [ref.location for ref in event.writes]
    return False


def changed_data(run: RecordedRun) -> Iterator[Alarm]:
    """A batch that is a view of the data and is changed in place: each epoch starts from what the one before has left; one alarm."""
    trace, recording, columns = run.trace, run.recording, run.columns
    touched: dict[tuple[int, int, str], list[Event]] = {}
    for row in np.flatnonzero(columns.kind == int(Kind.INPLACE_WRITE))[: 50 * _LOOKED_AT].tolist():
        event = trace.event(row)
        if event.detail.get("via") != "op" or event.detail.get("op") not in _CHANGING or not event.reads or not event.writes:
            continue
        ref = event.writes[0]
        if ref.location != event.reads[0].location or trace.requires_grad(ref.location, row):
            continue
        found = _part_of(run, ref, event)
        if found is not None:
            touched.setdefault((event.line, *found), []).append(event)
    for (line, root, _), events in touched.items():
        if len(events) < 2 or len({event.step for event in events}) < 2 or not _feeds_a_gradient(run, events[0]):
            continue
        site = trace.site_of_tensor(root)
        name = node_title(trace, recording.sites[site]) if site >= 0 else "the data"
        yield Alarm(
            "changed data", Severity.WARNING, "the data are changed in place",
            f"Line {line} changes a batch in place, which is a view of {name}: {name} itself is changed. The next time that this part comes it is changed again, on top of "
            f"what is left ({len(events)} times for the first part).",
            "Make a new tensor: batch = batch + noise, or batch.clone() before it is changed.", events[0].index, (events[0].site,), len(events), line,
        )  # fmt: skip
        return


def _part_of(run: RecordedRun, ref: Ref, at: Event) -> tuple[int, str] | None:
    """The tensor without history of which another one is a part, and which part; None where it is one of its own."""
    trace, location, parts = run.trace, ref.location, list[str]()
    before = at.index
    for _ in range(_VIEWS):
        site = trace.site_of_tensor(trace.tensor_of(location))
        row = trace.latest_made(site, before - 1) if site >= 0 else None
        event = trace.event(row) if row is not None else None
        if event is None or event.kind != Kind.VIEW or not event.reads or location not in {each.location for each in event.writes}:
            break
        parts.append(f"{event.detail.get('op')} {event.detail.get('params')} {[each.location for each in event.writes].index(location)}")
        location, before = event.reads[0].location, event.index
    whole, part = (run.recording.form(value)[0] if value >= 0 else () for value in (trace.value_at(location, at.index), ref.value))
    if not parts or trace.requires_grad(location, at.index) or np.prod(part) >= np.prod(whole):
        return None
    return trace.tensor_of(location), "; ".join(parts)


def of_one_class(run: RecordedRun) -> Iterator[Alarm]:
    """Batches of a classification that hold one class each, another one from time to time: the data are sorted and not shuffled; one alarm."""
    trace, recording = run.trace, run.recording
    lines = {site.line for site in recording.sites if site.op in _CLASSED and site.index in trace.fired}
    for line in sorted(lines):
        losses = [site.index for site in recording.sites if site.line == line and site.op in _CLASSED and site.index in trace.fired]
        made = sorted(int(row) for index in losses for row in trace.made[index])
        rows = made[:: max(1, -(-len(made) // _BATCHES))]  # all over the run: sorted data may begin with one class for long
        batches = [(trace.event(row), found) for row in rows if (found := _targets(run, row, line)) is not None]
        steps: dict[int, set[int]] = {}
        for event, targets in batches:
            steps.setdefault(event.step, set()).update(targets.tolist())
        counts = Counter(label for _, targets in batches for label in targets.tolist())
        if len(steps) < _TURNS or len(counts) < 2 or max(counts.values()) > _SHARE * sum(counts.values()):
            continue
        if sum(len(classes) == 1 for classes in steps.values()) < _SHARE * len(steps):
            continue
        event, targets = batches[0]
        yield Alarm(
            "one class", Severity.WARNING, "each batch holds one class",
            f"The {len(targets)} targets of a batch in line {line} are all of one class, another one from time to time: the data come sorted. Each step pulls the model towards "
            "one class, and the next one away from it again.",
            "Shuffle: DataLoader(..., shuffle=True), or x[order] and y[order] with one torch.randperm(len(x)).", event.index, (event.site,), len(steps), _loader(recording.source) or line,
        )  # fmt: skip
        return


def padding_counted(run: RecordedRun) -> Iterator[Alarm]:
    """Targets that are the padding of an embedding, and count in the loss as if they were words; one alarm."""
    trace, recording = run.trace, run.recording
    embeddings = [
        trace.event(int(trace.made[site.index][0])) for site in recording.sites if site.op == "embedding" and len(trace.made[site.index])
    ]
    tables = {
        (params.get("rows"), params.get("padding_idx"))
        for event in embeddings
        if (params := event.detail.get("params") or {}).get("padding_idx", -1) >= 0
    }
    for site in recording.sites if tables else ():
        made = trace.made[site.index]
        if site.op not in _CLASSED or not len(made) or site.index not in trace.fired:
            continue
        event, targets = trace.event(int(made[0])), _targets(run, int(made[0]), site.line)
        params, shape = event.detail.get("params") or {}, recording.form(event.reads[0].value)[0] if event.reads[0].value >= 0 else ()
        pad = next((index for rows, index in tables if len(shape) > 1 and rows == shape[1]), None)
        share = float((targets == pad).mean()) if targets is not None and pad is not None else 0.0
        if share < _PADDED or params.get("ignore_index") == pad or params.get("weight") is not None:
            continue
        yield Alarm(
            "padding counted", Severity.WARNING, "the padding counts in the loss",
            f"{share:.0%} of the targets in line {site.line} are {pad}, the padding_idx of the embedding: the loss is small where padding is predicted, and that is what is learned first.",
            f"Leave it out of the loss: ignore_index={pad}.", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def wrapped_around(run: RecordedRun) -> Iterator[Alarm]:
    """Bytes that are subtracted or added beyond their range: 100 - 128 is 228; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op in _EXACT and len(made) else None
        if (
            event is None
            or not event.writes
            or event.writes[0].value < 0
            or recording.form(event.writes[0].value)[1] not in ("uint8", "int8", "int16")
        ):
            continue
        given: dict[int, np.ndarray | float | None] = {
            int(port): recording.array(ref.value)
            for port, ref in zip(event.detail.get("ports") or (), event.reads, strict=False)
            if ref.value >= 0
        }
        given |= {int(port): number for port, number in (event.detail.get("numbers") or {}).items() if isinstance(number, int | float)}
        result = recording.array(event.writes[0].value)
        if result is None or any(given.get(port) is None for port in (0, 1)):
            continue
        left, right = (np.asarray(given[port], np.float64) for port in (0, 1))
        lost = np.broadcast_to(_EXACT[site.op](left, right), result.shape) != result
        if float(lost.mean()) < _WRAPPED:
            continue
        yield Alarm(
            "wrapped around", Severity.WARNING, "bytes wrap around",
            f"{int(lost.sum())} of {lost.size} results of {site.op} in line {site.line} do not fit into {recording.form(event.writes[0].value)[1]} and wrap around at its end: in bytes, 100 - 128 is 228.",
            "Convert first: x.float(), then compute.", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip
        return


def _targets(run: RecordedRun, row: int, line: int) -> np.ndarray | None:
    """The class numbers that a loss was given."""
    found = targets_of(run, row, line)
    return found[0] if found is not None else None


def targets_of(run: RecordedRun, row: int, line: int) -> tuple[np.ndarray, int] | None:
    """The class numbers that a loss was given, found by the names in its line, and the line that made them: what is no tensor of numbers is not read as one."""
    trace, recording = run.trace, run.recording
    event = trace.event(row)
    shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
    count = int(np.prod(shape)) // shape[1] if len(shape) > 1 and shape[1] else 0  # one for each sample, or for each place of it
    if count < _SMALLEST:
        return None
    words = set(re.findall(r"[A-Za-z_]\w*", source_line(run, line)))
    for bound in np.flatnonzero(run.columns.kind[:row] == int(Kind.BIND_NAME))[-_LOOKED_AT:][::-1].tolist():
        named = trace.event(bound)
        if named.detail.get("name") not in words or not named.reads or named.reads[0].value < 0:
            continue
        found = recording.form(named.reads[0].value)
        if found[1].startswith("int") and int(np.prod(found[0])) == count:
            array, source = recording.array(named.reads[0].value), behind(run, named.reads[0], named.index)
            return (array.reshape(-1), source.line if source is not None else named.line) if array is not None else None
    return None


def _loader(source: str) -> int:
    """The line that makes the only loader of a script which does not shuffle, 0 for none."""
    made = [
        node
        for node in walk(syntax_tree(source))
        if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] == "DataLoader" and "shuffle=True" not in unparse(node)
    ]
    return made[0].lineno if made else 0
