"""The language of watches: Python's expressions with a short list of what is allowed. Nothing is ever executed.

names            x, model's parameters as `named_parameters` calls them: `fc1.weight`
attributes       .grad .data .requires_grad .version .shape .T
functions        norm mean std sum max min abs sqrt log10 exp isnan isinf any all numel
time             prev(e)  the value one step earlier      delta(e)  e - prev(e)      at(e, step)
operators        + - * / // % ** @, comparisons, and or not, indexing e[0, 1:3]
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass

FUNCTIONS = ("norm", "mean", "std", "sum", "max", "min", "abs", "sqrt", "log10", "exp", "isnan", "isinf", "any", "all", "numel", "ratio")
IN_TIME = {"prev": 1, "delta": 1, "at": 2}
ATTRIBUTES = ("grad", "data", "requires_grad", "version", "shape", "T")
LONGEST = 500
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Slice,
    ast.Tuple, ast.Constant, ast.Load, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchProblem(Exception):  # noqa: N818 - it is shown under the expression
    """Why an expression cannot be watched, and where: columns `start` to `stop` from 0."""

    message: str
    start: int = 0
    stop: int = 0

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Attributes:
        text: as it was typed.
        tree: its syntax tree, made of what is allowed only.
        names: the names of tensors in it, dotted ones whole.
    """

    text: str
    tree: ast.expr
    names: frozenset[str]


def parse(text: str) -> Expression:
    """Check an expression.

    Raises:
        WatchProblem: it is no expression, too long, or uses something that watches do not have.
    """
    if not text.strip():
        raise WatchProblem("Type an expression, such as norm(w.grad).")
    if len(text) > LONGEST:
        raise WatchProblem(f"An expression has at most {LONGEST} characters.", LONGEST, len(text))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as problem:
        at = max(0, (problem.offset or 1) - 1)
        raise WatchProblem(f"This is no expression: {problem.msg}.", at, at + 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise WatchProblem("This is no expression that can be read.", 0, len(text)) from None
    names: set[str] = set()
    _check(tree, names)
    return Expression(text.strip(), tree, frozenset(names))


def _fail(node: ast.AST, message: str) -> WatchProblem:
    start = getattr(node, "col_offset", 0)
    return WatchProblem(message, start, getattr(node, "end_col_offset", start + 1) or start + 1)


def _check(node: ast.AST, names: set[str]) -> None:
    if not isinstance(node, _ALLOWED):
        raise _fail(node, f"{type(node).__name__.lower()} is not part of the language of watches.")
    if isinstance(node, ast.Constant) and not isinstance(node.value, (int, float, bool, type(None))):
        raise _fail(node, "Only numbers can stand here.")
    if isinstance(node, ast.Name):
        names.add(node.id)
        return
    if isinstance(node, ast.Attribute):
        _attribute(node, names)
        return
    if isinstance(node, ast.Call):
        _call(node, names)
        return
    for child in ast.iter_child_nodes(node):
        _check(child, names)


def dotted(node: ast.expr) -> str:
    """`fc1.weight` of a chain of attributes that ends in a name, "" of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _attribute(node: ast.Attribute, names: set[str]) -> None:
    if node.attr in ATTRIBUTES:
        _check(node.value, names)
        return
    near = difflib.get_close_matches(node.attr, ATTRIBUTES, 1, 0.7)
    whole = dotted(node)
    if whole and not near:
        names.add(whole)  # a parameter's name with its module: fc1.weight
    else:
        hint = f" Did you mean .{near[0]}?" if near else f" There are: {', '.join('.' + a for a in ATTRIBUTES)}."
        raise _fail(node, f".{node.attr} is not known to watches.{hint}")


def _call(node: ast.Call, names: set[str]) -> None:
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    known = (*FUNCTIONS, *IN_TIME)
    if called not in known:
        near = difflib.get_close_matches(called, known, 1)
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
        raise _fail(node.func, f"{called or 'this'} is no function of watches.{hint}")
    wanted = 2 if called == "ratio" else IN_TIME.get(called, 1)
    if len(node.args) != wanted or node.keywords:
        raise _fail(node, f"{called} takes {wanted} argument{'s' if wanted > 1 else ''}.")
    for argument in node.args:
        _check(argument, names)
