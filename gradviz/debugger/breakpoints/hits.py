"""The hits of a breakpoint over the whole recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..watch import Expression, Names, WatchProblem, changes, evaluate, parse
from ..watch.many import Unknown
from ..watch.nodes import arrivals, distinct
from ..watch.numbers import changed, truths
from ..watch.values import is_true, mark
from .breakpoint import Breakpoint, check, counted
from .places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints

_NONE = np.zeros(0, np.int64)
_OPENED, _TURN = 512, 8  # events that are opened at once, and evaluated in one turn: some 5 ms
_BACKWARD = np.isin(np.arange(max(Kind) + 1), (int(Kind.VJP), int(Kind.ACCUMULATE)))  # a table: a tenth of the time of `np.isin`


class Evaluated:
    """What expressions were worth after events: a recording only grows, so nothing is worked out again while a run goes on."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, Any]] = {}
        self._names: Names | None = None
        self._true: dict[str, tuple[Ints, Any]] = {}  # of each expression the events so far, and whether it was true

    def so_far(self, expression: Expression, rows: Ints) -> Any:
        """What is known of the first of these events: those that were asked for before, while the recording was shorter."""
        asked, true = self._true.get(expression.text, (_NONE, np.zeros(0, bool)))
        same = len(asked) <= len(rows) and np.array_equal(asked, rows[: len(asked)])
        return true if same else true[:0]

    def keep(self, expression: Expression, rows: Ints, true: Any) -> Any:
        """Remember it."""
        self._true[expression.text] = (rows, true)
        return true

    def names(self, run: RecordedRun) -> Names:
        """The names of the recording, read on where it grew."""
        if self._names is None:
            self._names = Names(run)
        return self._names.grow(run)

    def truth(self, run: RecordedRun, expression: Expression, row: int, names: Names) -> bool:
        """Whether it was true; False where it had no value."""
        known = self._known.setdefault(f"when {expression.text}", {})
        if row not in known:
            try:
                known[row] = is_true(evaluate(run, expression, row, names))
            except WatchProblem:
                known[row] = False
        return bool(known[row])

    def mark(self, run: RecordedRun, expression: Expression, row: int, names: Names) -> int | None:
        """A mark that is another one where the value is another one; None where it had none."""
        known = self._known.setdefault(f"change {expression.text}", {})
        if row not in known:
            try:
                known[row] = mark(evaluate(run, expression, row, names))
            except WatchProblem:
                known[row] = None
        found: int | None = known[row]
        return found


def find_hits(run: RecordedRun, found: Breakpoint, places: Places, evaluated: Evaluated, begins: Sequence[int] | Ints) -> Ints:
    """The events at which a breakpoint stops (or logs), ascending; none for one that makes no sense here.

    Args:
        begins: the hits of the breakpoint that it waits for; looked at only where it waits for one.
    """
    search = searching(run, found, places, evaluated, begins)
    while True:
        try:
            next(search)
        except StopIteration as done:
            hits: Ints = done.value
            return hits


def searching(
    run: RecordedRun, found: Breakpoint, places: Places, evaluated: Evaluated, begins: Sequence[int] | Ints
) -> Generator[None, None, Ints]:
    """As `find_hits`, some events at a time: a window stays awake between them."""
    try:
        check(found)
        rows = np.asarray((yield from _rows(run, found, places, evaluated)), np.int64)
        if found.condition and len(rows):
            rows = yield from _filtered(run, parse(found.condition), rows, evaluated)
        if found.after:
            rows = rows[rows > begins[0]] if len(begins) else _NONE
        rule, number = counted(found.count)
    except WatchProblem:
        return _NONE
    if rule == "%":
        return rows[number - 1 :: number]
    return rows[number - 1 : number] if rule == "==" else rows[number - 1 :]


def _rows(run: RecordedRun, found: Breakpoint, places: Places, evaluated: Evaluated) -> Generator[None, None, Ints | list[int]]:
    columns = run.columns
    if found.kind == "line":
        return places.hits({int(found.what)}, ())
    if found.kind == "node":
        return _in_phase(run, places.hits((), {int(found.what)}), found.phase)
    if found.kind == "op":
        wanted = found.what.strip().lower()
        sites = [site.index for site in run.recording.sites if wanted in (site.op.lower(), (site.grad_fn or "").lower())]
        return _in_phase(run, places.hits((), sites), found.phase)
    if found.kind == "event":
        return np.flatnonzero(columns.kind == int(Kind[found.what.upper()]))
    if found.kind == "error":
        if found.what == "alarm":
            from ..alarms import searching as alarms_in  # with networkx, which the first picture does not need

            alarms = yield from alarms_in(run)
            return sorted({alarm.event for alarm in alarms if alarm.event >= 0})
        if found.what == "lint":
            from ..lint import lint

            return places.hits({finding.line for finding in lint(run.recording.source)}, ())
        return np.flatnonzero(columns.kind == int(Kind.ERROR))
    if found.kind in ("read", "write"):
        return _touched(run, found.what.strip(), found.kind == "write", evaluated.names(run))
    expression, names = parse(found.what), evaluated.names(run)
    rows = changes(run, expression, names)
    yield
    if found.kind == "when":
        true = yield from _true_at(run, expression, rows, evaluated)
        before = np.concatenate(([False], true[:-1])) if len(true) else true
        began: Ints = rows[true & ~before]
        return began
    try:
        changes_: Ints = rows[changed(run, expression, rows, names)]
        return changes_
    except Unknown:
        marks = yield from _each(run, rows, lambda row: evaluated.mark(run, expression, row, names))
    return [row for row, now, before in zip(rows.tolist(), marks, [None, *marks], strict=False) if now is not None and now != before]


def _each(run: RecordedRun, rows: Ints, worth: Callable[[int], Any]) -> Generator[None, None, list[Any]]:
    """What each event is worth, one by one."""
    found = []
    for start in range(0, len(rows), _OPENED):
        piece = rows[start : start + _OPENED]
        run.trace.open(piece[piece >= 0])  # at once: one by one takes four times as long
        yield
        for number, row in enumerate(piece.tolist()):
            found.append(worth(row))
            if number % _TURN == 0:
                yield
    return found


def _true_at(run: RecordedRun, expression: Expression, rows: Ints, evaluated: Evaluated) -> Generator[None, None, Any]:
    """For each event whether the expression was true after it: from statistics, or the numbers of all values at once, else one by one."""
    names, known = evaluated.names(run), evaluated.so_far(expression, rows)
    new = rows[len(known) :]
    try:
        found = truths(run, expression, new, names)
    except Unknown:
        found = np.array((yield from _each(run, new, lambda row: evaluated.truth(run, expression, row, names))), bool)
    return evaluated.keep(expression, rows, np.concatenate((known, found)))


def _in_phase(run: RecordedRun, rows: Ints, phase: str) -> Ints:
    if phase == "both":
        return rows
    backward = _BACKWARD[run.columns.kind[rows]]
    return rows[backward if phase == "backward" else ~backward]


def _touched(run: RecordedRun, place: str, written: bool, names: Names) -> Ints:
    """The events that wrote (or read) the value, `.grad` or flag of what a name stood for."""
    name, kind = place, "val"
    for ending, of in ((".grad", "grad"), (".requires_grad", "flag"), (".version", "val"), (".data", "val")):
        if place.endswith(ending):
            name, kind = place.removesuffix(ending), of
    recording, stop = run.recording, run.length
    tensors = np.array(names.tensors(name), np.int64)
    among = recording.writes_among if written else recording.reads_among
    rows = [among(tensors, kind, stop=stop)[1]]
    if kind == "grad":  # of a result: what arrives at it, and its node that takes it
        made = recording.writes_among(tensors, "val", stop=stop)[1]
        calls = distinct(run.columns.call[made])
        rows.append(arrivals(run, calls) if written else _fires(run, calls))
    found = distinct(np.concatenate(rows))
    shown: Ints = found[~np.isin(run.columns.kind[found], (int(Kind.BIND_NAME), int(Kind.SAVE)))]
    return shown


def _fires(run: RecordedRun, calls: Ints) -> Ints:
    """Where the nodes of some calls fire."""
    fires = run.trace.fires
    fired = run.columns.call[fires]
    asked = np.zeros(max(int(calls.max(initial=-1)), int(fired.max(initial=-1))) + 2, bool)  # the last place is that of no call
    asked[calls[calls >= 0]] = True
    return fires[asked[fired]]


def _filtered(run: RecordedRun, condition: Expression, rows: Ints, evaluated: Evaluated) -> Generator[None, None, Ints]:
    """Those at which the condition is true: it is worked out once between two changes, however many hits there are."""
    names = evaluated.names(run)
    at = np.concatenate(([-1], changes(run, condition, names)))
    last = at[np.searchsorted(at, rows, side="right") - 1]
    unique, inverse = np.unique(last, return_inverse=True)
    true = yield from _true_at(run, condition, unique, evaluated)
    kept: Ints = rows[true[inverse]]
    return kept
