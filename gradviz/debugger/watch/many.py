"""An expression at many events at once, from the statistics that are kept of every value: a number breakpoint in a million events.

What is asked most often needs no numbers of a tensor but its norm, its mean, its extremes, or how many of it are nan. Where an
expression needs more (an element, a product), `Unknown` is raised, and it is looked for in the numbers (numbers.py).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...recording.statistics import INFS, MAXIMUM, MEAN, MINIMUM, NANS, NORM
from .expression import Expression, dotted, node_of
from .nodes import all_different, distinct, site_called

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints
    from .names import Names

Doubles = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
_FEW = 64  # tensors whose writes are looked up one by one
_REDUCED = {"norm": NORM, "mean": MEAN, "min": MINIMUM, "max": MAXIMUM}
_COUNTED = {"isnan": NANS, "isinf": INFS}
_OF_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "norm": np.abs,
}
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
_COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


class Unknown(Exception):  # noqa: N818 - no error: it is evaluated in another way then
    """This expression needs more than statistics."""


class _Found:
    """What an expression is worth at each event, whether it has a value, and of a tensor its dtypes: numbers beside it round to them."""

    __slots__ = ("dtypes", "known", "worth")

    def __init__(self, worth: Doubles, known: Flags, dtypes: frozenset[str] = frozenset()) -> None:
        self.worth = worth
        self.known = known
        self.dtypes = dtypes


class _Told(NamedTuple):
    """One statistic of the values that a tensor had one after the other, how many are nan or inf, and which it had after each event."""

    number: Doubles
    nans: Doubles
    infs: Doubles
    shapes: set[tuple[int, ...]]
    dtypes: frozenset[str]
    back: Ints

    def everywhere(self, worth: Doubles) -> _Found:
        """What each value is worth, at the events; there is none where the tensor was None."""
        return _Found(worth[self.back], ~np.isnan(self.nans)[self.back])


def changed(run: RecordedRun, expression: Expression, rows: Ints, names: Names) -> Flags:
    """Whether a tensor, or its `.grad`, is another one after each event than after the event before in the list; the first is.

    Raises:
        Unknown: the expression is something else.
    """
    name, kind = _quantity(expression.tree)
    ids, born = Many(run, names, rows).values(name, kind)
    known = born if kind == "grad" else ids >= 0  # a `.grad` may be None, a tensor has numbers
    before = np.concatenate(([-1], ids[:-1]))
    had = np.concatenate(([False], known[:-1]))
    differs = np.asarray(known & (~had | (ids != before)))
    both = np.flatnonzero(differs & had & (ids >= 0) & (before >= 0))
    recording = run.recording
    new = begins(ids)
    told = recording.measures(ids[new])
    alike = np.concatenate(([False], ((told[1:] == told[:-1]) | np.isnan(told[1:])).all(axis=1))) if len(told) else new
    for row in both[alike[np.cumsum(new)[both] - 1]].tolist():
        now, then = int(ids[row]), int(before[row])
        one, other = recording.peek(now), recording.peek(then)
        if recording.form(now) == recording.form(then) and (one is None or other is None or one.tobytes() == other.tobytes()):
            differs[row] = False
    return differs


def _quantity(node: ast.expr) -> tuple[str, str]:
    """(name, "val" or "grad") of an expression that is a tensor or its `.grad`."""
    if isinstance(node, ast.Attribute) and node.attr in ("grad", "data"):
        name, kind = _quantity(node.value)
        if node.attr == "grad" and kind == "grad":
            raise Unknown
        return name, "grad" if node.attr == "grad" else kind
    whole = dotted(node)
    if not whole or isinstance(node, ast.Subscript):
        raise Unknown
    return whole, "val"


class Many(ast.NodeVisitor):
    """An expression after each of some events, ascending."""

    def __init__(self, run: RecordedRun, names: Names, rows: Ints) -> None:
        self._run, self._names, self._rows = run, names, rows

    def generic_visit(self, node: ast.AST) -> Any:
        raise Unknown

    def visit_Constant(self, node: ast.Constant) -> _Found:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise Unknown
        everywhere = self._rows.shape
        return _Found(np.broadcast_to(np.float64(node.value), everywhere), np.broadcast_to(np.True_, everywhere))

    def visit_Name(self, node: ast.Name) -> _Found:
        return self._single(node)

    def visit_Attribute(self, node: ast.Attribute) -> _Found:
        return self._single(node)

    def _single(self, node: ast.expr) -> _Found:
        """A tensor of one number."""
        told = self._statistic(node, MINIMUM)
        if any(shape and int(np.prod(shape)) != 1 for shape in told.shapes):
            raise Unknown
        if (told.infs > 0).any():
            raise Unknown  # which infinity it is, statistics do not say
        found = told.everywhere(np.where(told.nans > 0, np.nan, told.number))
        return _Found(found.worth, found.known, told.dtypes)

    def _statistic(self, node: ast.expr, which: int) -> _Told:
        """One statistic of a tensor, a `.grad` or what came to a node."""
        ids = self.of(node)
        new = begins(ids)  # a value stays for some events
        unique, back = ids[new], np.cumsum(new) - 1
        recording = self._run.recording
        there = unique[unique >= 0]
        forms = {recording.form(int(value)) for value in (there if len(there) <= _FEW else there[:: len(there) // _FEW]).tolist()}
        if any(dtype.startswith("complex") for _, dtype in forms):
            raise Unknown
        found = recording.measures(unique, {which, NANS, INFS})
        return _Told(
            found[:, which], found[:, NANS], found[:, INFS], {shape for shape, _ in forms}, frozenset(dtype for _, dtype in forms), back
        )

    def visit_Call(self, node: ast.Call) -> _Found:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ("prev", "delta") and len(node.args) == 1:
            before = self._earlier(node.args[0])
            if name == "prev":
                return before
            now = self.visit(node.args[0])
            return _Found(now.worth - before.worth, now.known & before.known)
        if name == "ratio":
            return self._joined(operator.truediv, node.args[0], node.args[1])
        if name in _REDUCED or name in _COUNTED:
            try:
                told = self._statistic(node.args[0], (_REDUCED | _COUNTED)[name])
            except Unknown:
                if name not in _OF_NUMBERS:
                    raise
            else:
                return self._reduced(name, told)
        if name in _OF_NUMBERS:
            inner = self.visit(node.args[0])
            return _Found(_OF_NUMBERS[name](inner.worth), inner.known)
        raise Unknown

    @staticmethod
    def _reduced(name: str, told: _Told) -> _Found:
        if name in _COUNTED:
            return told.everywhere((told.number > 0).astype(np.float64))
        if name != "norm" and ((told.infs > 0).any() or any(0 in shape for shape in told.shapes)):
            raise Unknown
        worth = np.where(told.nans > 0, np.nan, told.number)
        return told.everywhere(np.where((told.infs > 0) & (told.nans == 0), np.inf, worth))

    def _earlier(self, node: ast.expr) -> _Found:
        unique, back, known = self.one_step_earlier()
        found = Many(self._run, self._names, unique).visit(node)
        return _Found(found.worth[back], found.known[back] & known)

    def one_step_earlier(self) -> tuple[Ints, Ints, Flags]:
        """The events at which the steps before end, which of them belongs to each event, and whether there is one."""
        step = self._run.columns.step
        wanted = np.where(self._rows >= 0, step[self._rows], -1) - 1
        ends = np.searchsorted(step, wanted, side="right") - 1
        known = np.asarray((wanted >= 0) & (ends >= 0))
        unique, back = np.unique(np.where(known, ends, 0), return_inverse=True)
        return unique, back, known

    def visit_BinOp(self, node: ast.BinOp) -> _Found:
        if type(node.op) not in _BINARY:
            raise Unknown
        if isinstance(node.op, ast.Pow) and not (isinstance(node.right, ast.Constant) and abs(float(str(node.right.value))) <= 64):
            raise Unknown
        return self._joined(_BINARY[type(node.op)], node.left, node.right)

    def _joined(self, call: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr) -> _Found:
        a, b = self.visit(left), self.visit(right)
        if isinstance(right, ast.Constant) and a.dtypes:
            b = _rounded(b, a.dtypes)
        elif isinstance(left, ast.Constant) and b.dtypes:
            a = _rounded(a, b.dtypes)
        if call is operator.truediv and (b.worth == 0).any():
            raise Unknown  # Python's numbers complain where numpy's give inf
        return _Found(np.asarray(call(a.worth, b.worth), np.float64), a.known & b.known)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> _Found:
        inner = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return _Found((inner.worth == 0).astype(np.float64), inner.known)
        return _Found(-inner.worth if isinstance(node.op, ast.USub) else inner.worth, inner.known)

    def visit_BoolOp(self, node: ast.BoolOp) -> _Found:
        """Each part with a value where it is looked at: what Python would not look at needs none."""
        first = self.visit(node.values[0])
        true, known = first.worth != 0, first.known
        for part in node.values[1:]:
            found = self.visit(part)
            looked_at = true if isinstance(node.op, ast.And) else ~true
            known = known & (found.known | ~looked_at)
            true = np.where(looked_at, found.worth != 0, true)
        return _Found(true.astype(np.float64), known)

    def visit_Compare(self, node: ast.Compare) -> _Found:
        if len(node.ops) != 1:
            raise Unknown
        right = node.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
            name, kind = _quantity(node.left)
            ids, born = self.values(name, kind, passing=False)
            none = ids < 0 if isinstance(node.ops[0], (ast.Is, ast.Eq)) else ids >= 0
            return _Found(none.astype(np.float64), born)
        if type(node.ops[0]) not in _COMPARED:
            raise Unknown
        return self._joined(_COMPARED[type(node.ops[0])], node.left, right)

    # Values of names.

    def of(self, node: ast.expr) -> Ints:
        """The value of a tensor, of its `.grad`, or of `upstream` after each event, -1 for none."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "upstream":
            return self._upstream(node_of(node.args[0]))
        return self.values(*_quantity(node))[0]

    def values(self, name: str, kind: str, passing: bool = True) -> tuple[Ints, Flags]:
        """The value of a name's tensor ("val") or its `.grad` after each event, -1 for None; and whether the name was bound by then."""
        bound, tensors = self._names.bindings(name)
        if not len(bound):
            raise Unknown
        number = _before(bound, self._rows) - 1
        born = number >= 0
        tensor = np.where(born, tensors[number], -1)
        asked = distinct(tensors)
        found = self._latest(tensor, kind, asked)
        if kind == "grad" and passing:
            found = self._with_passing(tensor, found, asked)
        return found, born

    def _latest(self, owner: Ints, kind: str, asked: Ints) -> Ints:
        """The value that the location of each owner had after each event, of these owners."""
        return self._at(owner, *self._run.recording.values_among(asked, kind, stop=self._run.length))

    def _at(self, owner: Ints, of: Ints, events: Ints, ids: Ints) -> Ints:
        """The same of writes that are known."""
        if not len(events):
            return np.full(len(owner), -1, np.int64)
        numbers = np.arange(len(of))
        first = np.full(max(int(owner.max(initial=-1)), int(of.max())) + 2, -1, np.int64)  # the last place is that of no owner
        latest = first.copy()
        first[of[::-1]], latest[of] = numbers[::-1], numbers
        number = latest[owner]
        late = self._rows < events[number]  # before the owner's last write, which most rows are behind
        late &= number >= 0
        rows = np.flatnonzero(late)
        number[rows] = -1
        rows = rows[events[first[owner[rows]]] <= self._rows[rows]]
        if len(rows):
            keys = of * (self._run.length + 1) + events
            order = np.argsort(keys, kind="stable")
            asked = owner[rows] * (self._run.length + 1) + self._rows[rows]
            number[rows] = order[np.searchsorted(keys[order], asked, side="right") - 1]
        return np.where(number >= 0, ids[number], -1)

    def _with_passing(self, tensor: Ints, found: Ints, asked: Ints) -> Ints:
        """Where a result keeps no `.grad`: what passed through it, if it came in the latest pass that reached it."""
        lacking = np.zeros(max(int(tensor.max(initial=-1)), int(asked.max(initial=-1))) + 2, bool)  # the last place is that of no tensor
        lacking[tensor[found < 0]] = True
        written, events = self._run.recording.writes_among(asked[lacking[asked]], "val", stop=self._run.length)
        calls = self._run.columns.call[events]
        if not (calls >= 0).any():
            return found
        if not all_different(written):
            raise Unknown  # written in place: more than one node has made what the name holds
        made_by = np.full(len(lacking), -1, np.int64)
        made_by[written] = calls
        return np.where(found < 0, self._arrived(made_by[tensor], distinct(calls[calls >= 0])), found)

    def _upstream(self, node: str) -> Ints:
        """The gradient that had come to a node."""
        bound, tensors = self._names.bindings(node)
        run = self._run
        if len(bound):
            number = _before(bound, self._rows) - 1
            which, asked = np.where(number >= 0, tensors[number], -1), distinct(tensors)
            made, events = run.recording.writes_among(asked, "val", stop=run.length)
            if not all_different(made):
                raise Unknown
        else:
            site = site_called(run, node)
            if site < 0 or self._names.resolved(node):
                raise Unknown
            events = np.array(run.trace.made[site], np.int64)
            made = np.arange(len(events))
            which = np.searchsorted(events, self._rows, side="right") - 1
        calls, sites = run.columns.call[events], set(distinct(run.columns.site[events]).tolist())
        if not len(calls) or (calls < 0).any() or sites & (run.trace.leaf_of.keys() | run.trace.bucket_of.keys()):
            raise Unknown  # a leaf: it has a node of another kind
        made_by = np.full(max(int(made.max()), int(which.max(initial=-1))) + 2, -1, np.int64)  # the last place is that of no node
        made_by[made] = calls
        return self._arrived(made_by[which], distinct(calls))

    def _arrived(self, call: Ints, calls: Ints) -> Ints:
        """The gradient that had come to each call, of these calls."""
        run = self._run
        reached, events, ids = run.recording.values_among(calls, "gin", stop=run.length)
        if len(reached) != len(run.recording.writes_among(calls, "gin", slot=None, stop=run.length)[0]):
            raise Unknown  # of several outputs
        passes = run.columns.pass_[events]
        of_call = np.zeros(int(calls.max()) + 1, np.int64)
        of_call[reached] = passes
        if (of_call[reached] != passes).any():
            raise Unknown  # more than one pass came to some node: what an earlier one left is over then
        fired = run.columns.call[run.trace.fires]
        ended = np.zeros(max(len(of_call), int(fired.max(initial=-1)) + 1), bool)
        ended[fired] = True
        waiting = np.flatnonzero(~ended[reached])
        if len(waiting) and (run.columns.pass_[int(events[waiting[0]]) :] != passes[waiting[0]]).any():
            raise Unknown  # a pass came to some node, and no further: it is over
        return self._at(call, reached, events, ids)


def _rounded(number: _Found, dtypes: frozenset[str]) -> _Found:
    """A number of Python beside a tensor: 0.1 is what it is in float32."""
    short = dtypes & {"float16", "float32"}
    if not short:
        return number
    if len(dtypes) > 1:
        raise Unknown
    return _Found(number.worth.astype(next(iter(short))).astype(np.float64), number.known)


def begins(numbers: Ints) -> Flags:
    """Where a number is another one than before it."""
    found = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=found[1:])
    return found


def _before(bound: Ints, rows: Ints) -> Ints:
    """For each row how many of `bound` are not behind it; both ascend, and the shorter one is looked for in the longer one."""
    if len(bound) > len(rows):
        return np.searchsorted(bound, rows, side="right")
    return np.cumsum(np.bincount(np.searchsorted(rows, bound), minlength=len(rows))[: len(rows)])
