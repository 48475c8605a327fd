"""The functions of watches that look at a node: what came to it, its local derivative, what it kept, and the numeric check of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..derivation.derivation import call_at
from ..derivation.jacobian import MOST_SIDE, matrix_of
from ..graph.state_reader import StateReader
from .expression import WatchProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..derivation.engine_rows import Call
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints
    from .names import Names

Array = np.ndarray[Any, Any]

_FEW = 64  # calls whose events are looked up one by one
_CLOSE = 16  # times as many numbers as there are: in so narrow a range each has a place of its own
_STEP = float(np.cbrt(np.finfo(np.float64).eps))  # of a central difference, times the size of the number


def of_node(name: str, run: RecordedRun, names: Names, node: str, at: int, *rest: int) -> Any:
    """The value of `upstream`, `local`, `saved` or `numeric` after event `at`.

    Raises:
        WatchProblem: there is none, in words.
    """
    made = _made(run, names, node, at)
    in_time: dict[str, Callable[..., Any]] = {"upstream": _upstream, "saved": _saved}
    fixed: dict[str, Callable[..., Any]] = {"local": _local, "numeric": _numeric}  # they hold from forward on
    return in_time[name](run, node, made, at, *rest) if name in in_time else fixed[name](run, node, made, *rest)


def events_of_node(run: RecordedRun, names: Names, node: str) -> Ints:
    """The events after which one of these may have another value."""
    made = np.concatenate([np.zeros(0, np.int64), *(run.recording.events_of_site(site) for site in _sites(run, names, node))])
    made = made[made < run.length]
    return distinct(np.concatenate([names.bindings(node).rows, made, arrivals(run, distinct(run.columns.call[made]))]))


def arrivals(run: RecordedRun, calls: Ints) -> Ints:
    """The events that put a gradient on any output of some calls (-1 is none); of many (one in each step) looked for at once."""
    calls = calls[calls >= 0]
    if len(calls) <= _FEW:
        return np.array([row for call in calls.tolist() for row in run.trace.rows_of_call(call).arrivals], np.int64)
    return run.recording.writes_among(calls, "gin", slot=None, stop=run.length)[1]


def distinct(numbers: Ints) -> Ints:
    """The numbers, ascending, each once; in a fraction of the time of `np.unique`, where they lie close together or are nearly in order."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if high - low <= _CLOSE * len(numbers):
        there = np.zeros(high - low + 1, bool)
        there[numbers - low] = True
        return np.flatnonzero(there) + low if len(numbers) else numbers
    found = np.sort(numbers, kind="stable")
    first = np.ones(len(found), bool)
    np.not_equal(found[1:], found[:-1], out=first[1:])
    return found[first]


def all_different(numbers: Ints) -> bool:
    """Whether none of some numbers from -1 on is there twice."""
    places = np.arange(len(numbers))
    where = np.zeros(int(numbers.max(initial=0)) + 2, np.int64)
    where[numbers] = places
    return bool((where[numbers] == places).all())


def _sites(run: RecordedRun, names: Names, node: str) -> list[int]:
    """The places in the program that make the node's tensors."""
    trace = run.trace
    if node.isdigit():
        return [int(node)] if int(node) < len(trace.made) else []
    tensors = distinct(names.bindings(node).tensors)
    if len(tensors):
        wrote = run.columns.site[run.recording.writes_among(tensors, "val", stop=run.length)[1]]
        found = distinct(np.concatenate([run.recording.tensor_site.take(tensors), wrote])).tolist()
        return sorted({trace.leaf_of.get(s, s) for s in found if s >= 0} | {trace.bucket_of[s] for s in found if s in trace.bucket_of})
    site = _titled(run, node)
    return [site] if site >= 0 else []


def site_called(run: RecordedRun, node: str) -> int:
    """The site of a number, or of the name of an op; -1 for none.

    Raises:
        WatchProblem: there are several, and it is not said which.
    """
    if node.isdigit():
        return int(node) if int(node) < len(run.trace.made) else -1
    return _titled(run, node)


def _titled(run: RecordedRun, node: str) -> int:
    """The site of `relu`, or of `relu.1`, the second one; -1 for none.

    Raises:
        WatchProblem: there are several, and it is not said which.
    """
    title, _, number = node.rpartition(".")
    title, which = (title, int(number)) if title and number.isdigit() else (node, -1)
    found = [site.index for site in run.recording.sites if site.role not in ("leaf", "bucket") and title in (site.name, site.op)]
    if which < 0 and len(found) > 1:
        raise WatchProblem(f"There are {len(found)} nodes called {title}: say which, {title}[0] to {title}[{len(found) - 1}].")
    return found[max(which, 0)] if max(which, 0) < len(found) else -1


def _made(run: RecordedRun, names: Names, node: str, at: int) -> int:
    """The event that made what the node holds at that moment."""
    trace = run.trace
    tensor = names.tensor(node, at)
    if tensor is not None:
        location = trace.location("val", tensor)
        site = trace.producer(location, at + 1)
        row = next((r for r in reversed(trace.writes(location)) if r <= at and int(run.columns.site[r]) == site), None)
    else:
        if names.resolved(node):
            raise WatchProblem(f"{node} does not exist yet.")
        site = site_called(run, node)
        if site < 0:
            raise WatchProblem(f"There is no tensor and no node called {node}.")
        row = trace.latest_made(trace.leaf_of.get(site, site), at)
    if row is None:
        raise WatchProblem(f"{node} does not exist yet.")
    return row


def _array(run: RecordedRun, value: int) -> Array:
    found = run.recording.array(value)
    if found is None:
        raise WatchProblem("The numbers of this value were not kept.")
    return found


def _upstream(run: RecordedRun, node: str, made: int, at: int) -> Array:
    """The gradient that has come to the node so far, in the pass of that moment or the last one that reached it."""
    trace, reader = run.trace, StateReader(run.trace)
    event = trace.event(made)
    bucket = trace.bucket_of.get(event.site)
    firing = reader.firing(event.call, at) if bucket is None else reader.bucket_firing(bucket, at)
    if firing.cotangent < 0:
        raise WatchProblem(f"No gradient has come to {node} yet.")
    return _array(run, firing.cotangent)


def _saved(run: RecordedRun, node: str, made: int, at: int, k: int) -> Array:
    event = run.trace.event(made)
    saves = [row for row in run.trace.rows_of_call(event.call).saves if row <= at] if event.call >= 0 else []
    if not 0 <= k < len(saves):
        count = f"{len(saves)} value{'' if len(saves) == 1 else 's'}" if saves else "nothing"
        raise WatchProblem(f"{node} kept {count} for backward" + (f": {k} is none of 0 to {len(saves) - 1}." if saves else "."))
    return _array(run, run.trace.event(saves[k]).writes[0].value)


def _call(run: RecordedRun, node: str, made: int, k: int) -> tuple[Call, Array, int]:
    """The call of the op with the gradient that comes in when it fires (before or after the moment), and the number of an input."""
    trace = run.trace
    event = trace.event(made)
    fires = trace.rows_of_call(event.call).fires if event.call >= 0 and event.kind != Kind.CREATE_LEAF else []
    if not fires:
        raise WatchProblem(f"No backward pass goes through {node}.")
    found = call_at(run.recording, trace, fires[0])
    if found is None or found[1].array is None:
        raise WatchProblem(f"The rule of {node} is not known, or its numbers were not kept.")
    fired = trace.event(fires[0])
    inputs = [int(nr) for nr in fired.detail.get("inputs") or range(len(fired.writes))]
    if k >= 0 and k not in inputs:
        raise WatchProblem(f"No gradient goes to input {k} of {node}, only to {', '.join(map(str, inputs))}.")
    return found[0], found[1].array, k if k >= 0 else inputs[0]


def _local(run: RecordedRun, node: str, made: int, k: int = -1) -> Array:
    """One number for each element of an elementwise op, else the Jacobian."""
    call, like, nr = _call(run, node, made, k)
    if call.row.elementwise:
        found = call.vjp(nr, np.ones_like(like))
    else:
        found = matrix_of(call, nr, like, _small(node, like, call.inputs[nr]).shape)
    if found is None:
        raise WatchProblem(f"The local derivative of {node} cannot be computed from what was kept.")
    return found


def _small(node: str, like: Array, given: Any) -> Array:
    array = np.asarray(given)
    if given is None or max(like.size, array.size) > MOST_SIDE:
        raise WatchProblem(f"The Jacobian of {node} is too large: at most {MOST_SIDE} numbers in and out.")
    return array


def _numeric(run: RecordedRun, node: str, made: int, k: int = -1) -> Array:
    """What `local` gives, by central differences in float64."""
    call, like, nr = _call(run, node, made, k)
    wide = [np.asarray(x, np.float64) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in call.inputs]
    x = wide[nr]
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        raise WatchProblem(f"Input {nr} of {node} cannot be moved.")

    def moved(by: Array) -> Array:
        found = call.forward([*wide[:nr], x + by, *wide[nr + 1 :]])
        if found is None:
            raise WatchProblem(f"{node} cannot be computed again from what was kept.")
        return np.asarray(found, np.float64)

    step = _STEP * np.maximum(1.0, np.abs(x))
    if call.row.elementwise:
        slope: Array = (moved(step) - moved(-step)) / np.broadcast_to(2 * step, like.shape)
        return slope
    _small(node, like, x)
    columns = []
    for place in range(x.size):
        by = np.zeros(x.size)
        by[place] = step.reshape(-1)[place]
        columns.append((moved(by.reshape(x.shape)) - moved(-by.reshape(x.shape))).reshape(-1) / (2 * by[place]))
    return np.stack(columns, axis=1) if columns else np.zeros((like.size, 0))
