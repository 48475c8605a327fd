"""An expression at many events at once, from the numbers of its values: an element of what each step makes anew.

Where statistics say it, they are taken (many.py); else the numbers of all values are read at once, and every operator works on all of
them together, in the dtype that they have one by one. What is left (a product of matrices, say) raises `Unknown`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .expression import Expression, dotted
from .many import Flags, Many, Unknown, begins
from .many import changed as of_tensors

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun
    from ..trace.columns import Ints
    from .names import Names

_MOST = 32 << 20  # bytes that are read at once
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_ELEMENTWISE: dict[str, Callable[[Any], Any]] = {"abs": np.abs, "sqrt": np.sqrt}
_REDUCED: dict[str, Callable[..., Any]] = {"max": np.max, "min": np.min}
_PLAIN: dict[str, Callable[[Any], Any]] = {  # they give numbers of Python
    "sum": lambda x: np.sum(_wide(x), axis=1), "mean": lambda x: np.mean(_wide(x), axis=1),
    "std": lambda x: np.std(_wide(x), axis=1, ddof=1) if x.shape[1] > 1 else np.full(len(x), np.nan),
    "any": lambda x: np.any(x, axis=1), "all": lambda x: np.all(x, axis=1), "isnan": lambda x: np.isnan(x).any(axis=1),
}  # fmt: skip
_IN_ORDER = frozenset({"sum", "mean", "std"})  # what comes out in the last digit depends on the order in memory


def _wide(x: Any) -> Any:
    return x.astype(np.float64)


class _Worth:
    """What an expression is worth at each event: a row of `numbers` each, or one number of Python for all; and whether it has a value.

    Attributes:
        plain: each row is a number of Python, which takes the dtype of what it meets.
    """

    __slots__ = ("known", "numbers", "plain")

    def __init__(self, numbers: Any, known: Flags, plain: bool = False) -> None:
        self.numbers, self.known, self.plain = numbers, known, plain

    def as_counts(self) -> Any:
        """The numbers as Python adds them up: its True and True are 2, numpy's are True."""
        return self.numbers.astype(np.int64) if self.plain and self.numbers.dtype == bool else self.numbers


def truths(run: RecordedRun, expression: Expression, rows: Ints, names: Names) -> Flags:
    """Whether it was true after each event; False where it had no value.

    Raises:
        Unknown: it has to be evaluated event by event.
    """
    if not len(rows):
        return np.zeros(0, bool)
    with np.errstate(all="ignore"):
        true, known = _Numbers(run, names, rows).truth(expression.tree)
    return true & known


def changed(run: RecordedRun, expression: Expression, rows: Ints, names: Names) -> Flags:
    """Whether an expression has another value after each event than after the event before in the list; the first one is another.

    Raises:
        Unknown: it has to be evaluated event by event.
    """
    try:
        return of_tensors(run, expression, rows, names)
    except Unknown:
        if _may_be_none(expression.tree) or not len(rows):
            raise
    with np.errstate(all="ignore"):
        found = _Numbers(run, names, rows).of(expression.tree)
    as_bytes = np.ascontiguousarray(found.numbers).reshape(len(rows), -1).view(np.uint8)
    other = np.concatenate(([True], (as_bytes[1:] != as_bytes[:-1]).any(axis=1) | ~found.known[:-1]))
    return np.asarray(found.known & other)


class _Numbers(ast.NodeVisitor):
    def __init__(self, run: RecordedRun, names: Names, rows: Ints) -> None:
        self._run, self._names, self._rows = run, names, rows
        self._many = Many(run, names, rows)

    def truth(self, node: ast.expr) -> tuple[Flags, Flags]:
        """Whether it is true after each event, and whether it has a value."""
        if isinstance(node, ast.BoolOp):
            return self._joined_truth(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            was, known = self.truth(node.operand)
            return ~was, known
        try:
            told = self._many.visit(node)
            return np.asarray(told.worth != 0), told.known  # nan is true, as in Python
        except Unknown:
            found = self.of(node)
        numbers = np.asarray(found.numbers).reshape(len(self._rows), -1)
        return np.asarray(numbers.astype(bool).all(axis=1)), found.known

    def _joined_truth(self, node: ast.BoolOp) -> tuple[Flags, Flags]:
        """Each part with a value where it is looked at: what Python would not look at needs none."""
        true, known = self.truth(node.values[0])
        for part in node.values[1:]:
            there, has = self.truth(part)
            looked_at = true if isinstance(node.op, ast.And) else ~true
            known = known & (has | ~looked_at)
            true = np.where(looked_at, there, true)
        return true, known

    def of(self, node: ast.expr) -> _Worth:
        """Of something that is no number alone."""
        found: _Worth = self.visit(node)
        if not isinstance(found.numbers, np.ndarray):
            raise Unknown
        return found

    def generic_visit(self, node: ast.AST) -> Any:
        raise Unknown

    def visit_Constant(self, node: ast.Constant) -> _Worth:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise Unknown
        return _Worth(node.value, np.ones(len(self._rows), bool))

    def visit_Name(self, node: ast.Name) -> _Worth:
        return self._read(node, ())

    def visit_Attribute(self, node: ast.Attribute) -> _Worth:
        return self._read(node, ())

    def visit_Subscript(self, node: ast.Subscript) -> _Worth:
        whole = dotted(node)
        if whole and self._names.resolved(whole):
            return self._read(ast.Name(whole, ast.Load()), ())
        key = _key(node.slice)
        try:
            return self._read(node.value, key)
        except Unknown:
            found = self.of(node.value)
        try:
            return _Worth(found.numbers[(slice(None), *key)], found.known)
        except IndexError:
            return _Worth(np.zeros(len(self._rows)), np.zeros(len(self._rows), bool))

    def visit_Call(self, node: ast.Call) -> _Worth:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "upstream":
            return self._read(node, ())
        if name in ("prev", "delta"):
            before = self._one_step_earlier(node.args[0])
            return before if name == "prev" else self._applied(operator.sub, self.of(node.args[0]), before)
        if name in _ELEMENTWISE:
            found = self.of(node.args[0])
            return _Worth(_tried(lambda: _ELEMENTWISE[name](found.numbers)), found.known)
        if name in _REDUCED:
            found = self.of(node.args[0])
            return _Worth(_tried(lambda: _REDUCED[name](found.numbers.reshape(len(self._rows), -1), axis=1)), found.known)
        if name in _PLAIN:
            found = self.of(node.args[0])
            if name in _IN_ORDER and found.numbers.ndim > 2:
                raise Unknown
            return _Worth(_tried(lambda: _PLAIN[name](found.numbers.reshape(len(self._rows), -1))), found.known, True)
        raise Unknown

    def visit_BinOp(self, node: ast.BinOp) -> _Worth:
        if type(node.op) not in _ARITHMETIC:
            raise Unknown
        return self._applied(_ARITHMETIC[type(node.op)], self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> _Worth:
        found: _Worth = self.visit(node.operand)
        if isinstance(node.op, ast.USub):
            return _Worth(_tried(lambda: -found.numbers), found.known, found.plain)
        if isinstance(node.op, ast.UAdd):
            return found
        raise Unknown

    def visit_Compare(self, node: ast.Compare) -> _Worth:
        sides = (node.left, *node.comparators)
        if any(type(op) not in _COMPARED for op in node.ops) or any(_may_be_none(side) for side in sides):
            raise Unknown
        worth = [self.visit(side) for side in sides]
        found = self._applied(_COMPARED[type(node.ops[0])], worth[0], worth[1])
        for op, left, right in zip(node.ops[1:], worth[1:-1], worth[2:], strict=True):
            found = self._applied(np.logical_and, found, self._applied(_COMPARED[type(op)], left, right))
        return found

    def _applied(self, call: Callable[[Any, Any], Any], left: _Worth, right: _Worth) -> _Worth:
        counts = call in _ARITHMETIC.values()
        a, b = (side.as_counts() if counts else side.numbers for side in (left, right))
        plain = left.plain or right.plain
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):  # one row each, whatever the shapes of the rows
            if left.plain != right.plain and call is not np.logical_and:
                raise Unknown
            axes = max(a.ndim, b.ndim)
            a, b = (x.reshape(len(x), *[1] * (axes - x.ndim), *x.shape[1:]) for x in (a, b))
        elif not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray):
            raise Unknown  # Python's numbers complain where numpy's give inf
        if call is operator.truediv and (plain or np.asarray(b).dtype == bool) and not np.all(b):
            raise Unknown
        return _Worth(_tried(lambda: call(a, b)), left.known & right.known, plain)

    def _one_step_earlier(self, node: ast.expr) -> _Worth:
        unique, back, known = self._many.one_step_earlier()
        found = _Numbers(self._run, self._names, unique).of(node)
        return _Worth(found.numbers[back], found.known[back] & known, found.plain)

    def _read(self, node: ast.expr, key: tuple[int | slice, ...]) -> _Worth:
        """The numbers of a tensor, a `.grad` or `upstream`, or some elements of them."""
        ids = self._many.of(node)
        first = begins(ids)  # a value stays for some events
        unique, back = ids[first], np.cumsum(first) - 1
        there = unique >= 0
        recording, values = self._run.recording, unique[there]
        if not len(values):
            return _Worth(np.zeros(len(ids)), np.zeros(len(ids), bool))
        one = recording.elements(values[:1], key)
        if one is None or one[0].nbytes * len(ids) > _MOST:
            raise Unknown
        found = recording.elements(values, key)
        if found is None or found[0].dtype.kind not in "fiu":
            raise Unknown
        numbers, known = np.zeros((len(unique), *found[0].shape[1:]), found[0].dtype), np.zeros(len(unique), bool)
        numbers[there], known[there] = found
        return _Worth(numbers[back], known[back])


def _tried(call: Callable[[], Any]) -> Any:
    """What numpy does not do with all it may do with one, or tell why not."""
    try:
        return call()
    except (TypeError, ValueError, ArithmeticError):
        raise Unknown from None


def _may_be_none(node: ast.expr) -> bool:
    """Whether something is compared that may be None, which is no mistake there."""
    return isinstance(node, ast.Attribute) and node.attr == "grad"


def _key(node: ast.expr) -> tuple[int | slice, ...]:
    """The numbers of an index."""
    if isinstance(node, ast.Tuple):
        return tuple(part for each in node.elts for part in _key(each))
    if isinstance(node, ast.Slice):
        return (slice(*(None if part is None else _whole(part) for part in (node.lower, node.upper, node.step))),)
    return (_whole(node),)


def _whole(node: ast.expr) -> int:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_whole(node.operand)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    raise Unknown
