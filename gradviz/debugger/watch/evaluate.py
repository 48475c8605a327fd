"""The value of a watch at a moment, and over the whole recording."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Kind
from ..graph.state_reader import StateReader
from ..trace.trace import MAKING
from .expression import ATTRIBUTES, OF_NODES, Expression, WatchProblem, dotted, node_of
from .names import Names
from .nodes import arrivals, distinct, events_of_node, of_node
from .values import Histogram, Passing, Tensor, as_number, histogram, is_true, mark, real

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints

POINTS = 600  # of a history: more cannot be seen in a sparkline
_NONE = np.zeros(0, np.int64)
_MISSING = object()
_MADE = np.isin(np.arange(max(Kind) + 1), MAKING)  # a table: a tenth of the time of `np.isin`
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
}  # fmt: skip
_COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Is: lambda a, b: a is b, ast.IsNot: lambda a, b: a is not b,
}  # fmt: skip


def _wide(x: Any) -> Any:
    """In double precision."""
    array = np.asarray(x)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _plain(x: Any) -> Any:
    """A number of Python."""
    return complex(x) if np.iscomplexobj(x) else float(x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "norm": lambda x: float(np.linalg.norm(real(x))), "mean": lambda x: _plain(np.mean(_wide(x))) if np.size(x) else math.nan,
    "std": lambda x: float(np.std(_wide(x), ddof=1)) if np.size(x) > 1 else math.nan, "sum": lambda x: _plain(np.sum(_wide(x))),
    "max": np.max, "min": np.min, "abs": np.abs, "sqrt": np.sqrt, "log": np.log, "log10": np.log10, "exp": np.exp,
    "isnan": lambda x: bool(np.isnan(x).any()),
    "isinf": lambda x: bool(np.isinf(x).any()), "any": lambda x: bool(np.any(x)), "all": lambda x: bool(np.all(x)), "numel": np.size,
    "ratio": lambda a, b: a / b, "hist": histogram,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """A watch over time.

    Attributes:
        values: its number after each event that could change it (nan where it has none).
        changed: whether it had another value then than before.
        bands: of a histogram its counts at each event, over one range of values, `low` to `high`.
    """

    events: tuple[int, ...]
    values: tuple[float, ...]
    changed: tuple[bool, ...] = ()
    bands: tuple[tuple[int, ...], ...] = ()
    low: float = 0.0
    high: float = 0.0


class _Evaluator(ast.NodeVisitor):
    def __init__(self, run: RecordedRun, names: Names, at: int) -> None:
        self._run = run
        self._names = names
        self._at = at

    @cached_property
    def _trace(self) -> Any:
        return self._run.trace

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.visit(part) for part in node.elts)

    def visit_Slice(self, node: ast.Slice) -> slice:
        return slice(*(None if part is None else int(self.visit(part)) for part in (node.lower, node.upper, node.step)))

    def visit_Name(self, node: ast.Name) -> Any:
        return self._named(node.id)

    def _named(self, name: str) -> Tensor:
        number = self._names.tensor(name, self._at)
        if number is None:
            raise WatchProblem(self._names.trouble(name) or f"{name} does not exist yet.")
        return Tensor(number, self._at)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        whole = dotted(node)
        if whole and self._names.resolved(whole):
            return self._named(whole)
        if whole and node.attr not in ATTRIBUTES:
            raise WatchProblem(self._names.trouble(whole))
        owner = self.visit(node.value)
        if node.attr == "data":
            return owner
        if not isinstance(owner, Tensor):
            if node.attr in ("shape", "T"):
                return getattr(np.asarray(owner), node.attr)
            raise WatchProblem(f".{node.attr} belongs to tensors of the script.")
        trace = self._trace
        value = trace.location("val", owner.number)
        if node.attr == "grad":
            found = trace.value_at(trace.location("grad", owner.number), owner.at)
            return self._passing(owner) if found < 0 else self._array(found)
        if node.attr == "grad_fn":
            site = trace.producer(value, owner.at + 1)
            return (trace.recording.sites[site].grad_fn or None) if site >= 0 and trace.requires_grad(value, owner.at) else None
        if node.attr == "requires_grad":
            return bool(trace.requires_grad(value, owner.at))
        if node.attr == "version":
            return trace.version_at(value, owner.at)
        return getattr(self._data(owner), node.attr)

    def _passing(self, owner: Tensor) -> Passing | None:
        """What came to a result in the latest pass; None for a leaf, and before anything has come."""
        trace = self._trace
        value = trace.location("val", owner.number)
        row = trace.last_write(value, owner.at)
        call = int(self._run.columns.call[row]) if row is not None else -1
        output = trace.output(row, value) if row is not None else 0
        found = StateReader(trace).cotangent(call, output, owner.at)
        return Passing(self._array(found)) if found >= 0 else None

    def _array(self, value: int) -> Any:
        found = self._run.recording.array(value)
        if found is None:
            raise WatchProblem("The numbers of this value were not kept.")
        return found

    def _data(self, x: Any) -> Any:
        """Numbers, of a tensor those that it has at its moment."""
        if isinstance(x, Tensor):
            value = self._trace.value_at(self._trace.location("val", x.number), x.at)
            if value < 0:
                raise WatchProblem("This tensor has no value yet.")
            return self._array(value)
        if x is None:
            raise WatchProblem("It is None.")
        if isinstance(x, Passing):
            return x.array
        if isinstance(x, Histogram):
            raise WatchProblem("A histogram is only shown: nothing can be computed from it.")
        return x

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        whole = dotted(node)
        if whole and (self._names.resolved(whole) or isinstance(getattr(node.slice, "value", 0), str)):
            return self._named(whole)
        key = self.visit(node.slice)
        try:
            return np.asarray(self._data(self.visit(node.value)))[key if isinstance(key, (tuple, slice)) else int(key)]
        except (IndexError, TypeError, ValueError) as problem:
            raise WatchProblem(f"This index does not fit: {problem}.") from None

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        left, right = self._data(self.visit(node.left)), self._data(self.visit(node.right))
        if isinstance(node.op, ast.Pow) and np.size(right) == 1 and abs(float(np.asarray(right).reshape(-1)[0])) > 64:
            raise WatchProblem("Powers go up to 64.")
        return self._tried(lambda: _BINARY[type(node.op)](left, right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self._truth(node.operand)
        value = self._data(self.visit(node.operand))
        return -value if isinstance(node.op, ast.USub) else value

    def visit_BoolOp(self, node: ast.BoolOp) -> bool:
        found = (self._truth(part) for part in node.values)
        return all(found) if isinstance(node.op, ast.And) else any(found)

    def _truth(self, node: ast.expr) -> bool:
        return is_true(self._data(self.visit(node)))

    def visit_Compare(self, node: ast.Compare) -> Any:
        left = self.visit(node.left)
        result: Any = True
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.visit(comparator)
            if type(op) not in _COMPARED:
                raise WatchProblem("Only < <= > >= == != and is.")
            if left is None or right is None:
                left, right = (None if isinstance(side, Passing) else side for side in (left, right))  # PyTorch keeps none
                if not isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
                    raise WatchProblem("It is None.")
                verdict: Any = (left is right) == isinstance(op, (ast.Eq, ast.Is))
            else:
                a, b = self._data(left), self._data(right)
                verdict = self._tried(lambda a=a, b=b, op=op: _COMPARED[type(op)](a, b))  # type: ignore[misc]
            result = np.logical_and(result, verdict)
            left = right
        return bool(result) if np.ndim(result) == 0 else result

    def visit_Call(self, node: ast.Call) -> Any:
        name = node.func.id  # type: ignore[attr-defined]  # parse() saw to it
        if name in ("prev", "delta"):
            before = self._elsewhere(node.args[0], self._step_end(self._step() - 1))
            return before if name == "prev" else self._data(self.visit(node.args[0])) - before
        if name == "at":
            return self._elsewhere(node.args[0], self._step_end(int(self._data(self.visit(node.args[1])))))
        if name in OF_NODES:
            rest = [int(self._data(self.visit(argument))) for argument in node.args[1:]]
            return self._tried(lambda: of_node(name, self._run, self._names, node_of(node.args[0]), self._at, *rest))
        values = [self._data(self.visit(argument)) for argument in node.args]
        return self._tried(lambda: _FUNCTIONS[name](*values))

    def _step(self) -> int:
        return int(self._run.columns.step[self._at]) if self._at >= 0 else -1

    def _step_end(self, step: int) -> int:
        end = int(np.searchsorted(self._run.columns.step, step, side="right")) - 1
        if step < 0 or end < 0:
            raise WatchProblem("There is no such step.")
        return end

    def _elsewhere(self, node: ast.expr, at: int) -> Any:
        other = _Evaluator(self._run, self._names, at)
        return other._data(other.visit(node))

    @staticmethod
    def _tried(call: Callable[[], Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return call()
        except (TypeError, ValueError, IndexError, ArithmeticError, np.exceptions.AxisError) as problem:
            words = str(problem)
            raise WatchProblem(f"{words[:1].upper()}{words[1:]}.".replace("..", ".")) from None


def evaluate(run: RecordedRun, expression: Expression, at: int, names: Names | None = None) -> Any:
    """The value after an event: an array, a number, a flag or None.

    Raises:
        WatchProblem: it has no value there, in words.
    """
    worker = _Evaluator(run, names or Names(run), at)
    value = worker.visit(expression.tree)
    return worker._data(value) if isinstance(value, Tensor | Passing) else value


def changes(run: RecordedRun, expression: Expression, names: Names | None = None) -> Ints:
    """The events after which an expression may have another value, ascending."""
    found = names or Names(run)
    tensors: list[Ints] = []
    parts: list[Any] = []
    for whole in dict.fromkeys(whole for name in expression.names for whole in (name, name.rsplit(".", 1)[0])):
        bound, stood_for = found.bindings(whole)
        parts.append(bound)
        tensors.append(stood_for)
    of_these = distinct(np.concatenate([_NONE, *tensors]))
    written = run.recording.writes_among(of_these, "val", "grad", "flag", stop=run.length)[1]
    parts.append(written)
    if ".grad" in expression.text:  # of a result: what arrives at it
        made = written[_MADE[run.columns.kind[written]]]
        parts.append(arrivals(run, distinct(run.columns.call[made])))
    parts += [events_of_node(run, found, node) for node in expression.nodes]
    if expression.in_time:
        parts.append(np.flatnonzero(np.diff(run.columns.step)) + 1)
    return distinct(np.concatenate([_NONE, *(np.asarray(part, np.int64) for part in parts)]))


def history(run: RecordedRun, expression: Expression, names: Names | None = None) -> History:
    """The watch over the recording, at the events that can change it; of a long one evenly spaced ones."""
    found = names or Names(run)
    events = changes(run, expression, found)
    if len(events) > POINTS:
        events = events[np.linspace(0, len(events) - 1, POINTS).astype(int)]
    run.trace.open(events)
    worth: list[Any] = []
    for row in events.tolist():
        try:
            worth.append(evaluate(run, expression, row, found))
        except WatchProblem:
            worth.append(_MISSING)
    marks = [None if value is _MISSING else mark(value) for value in worth]
    changed = tuple(now != before for now, before in zip(marks, [None, *marks], strict=False))
    values = tuple(float("nan") if value is _MISSING else as_number(value) for value in worth)
    histograms = [value for value in worth if isinstance(value, Histogram)]
    if not histograms:
        return History(tuple(events.tolist()), values, changed)
    low, high = min(h.low for h in histograms), max(h.high for h in histograms)
    bands = tuple(value.over(low, high) if isinstance(value, Histogram) else () for value in worth)
    return History(tuple(events.tolist()), values, changed, bands, low, high)
