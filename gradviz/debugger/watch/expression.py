"""The language of watches: Python's expressions with a short list of what is allowed. Nothing is ever executed."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass

FUNCTIONS = (
    "norm", "mean", "std", "sum", "max", "min", "abs", "sqrt", "log", "log10", "exp", "isnan", "isinf", "any", "all", "numel",
    "ratio", "hist",
)  # fmt: skip
IN_TIME = {"prev": 1, "delta": 1, "at": 2}
OF_NODES = {"upstream": (1, 1), "local": (1, 2), "saved": (2, 2), "numeric": (1, 2)}  # how many arguments
ATTRIBUTES = ("grad", "grad_fn", "data", "requires_grad", "version", "shape", "T")
LONGEST = 500
GRAMMAR = """\
names            x, ws[0], model's parameters as `named_parameters` calls them or as the script writes them: `fc1.weight`, `net[0].weight`
                 what an optimizer keeps: `opt.state[w].momentum_buffer`
attributes       .grad .grad_fn .data .requires_grad .version .shape .T
                 .grad of a result is the gradient that passed through it, which PyTorch does not keep
functions        norm mean std sum max min abs sqrt log log10 exp isnan isinf any all numel ratio(a, b) hist
                 norm(w.grad) or, as scripts write it, w.grad.norm()
time             prev(e)  the value one step earlier      delta(e)  e - prev(e)      at(e, step)
nodes            upstream(n)  the gradient that came to it    local(n), local(n, k)  the derivative of its output by input k
                 saved(n, k)  what it kept for backward       numeric(n), numeric(n, k)  `local` by central differences
                 n is the name of a tensor, of an op (`relu`, the second one `relu[1]`), or the number of a node
operators        + - * / // % ** @, comparisons, and or not, indexing e[0, 1:3]"""
_CHAIN = re.compile(r"(?<![\w.)\]\"'])\w+(?:\.\w+)+")
_EXPONENT = re.compile(r"\d+\.(?:[eE]\d+[jJ]?|[jJ])")
_MARK = "_"
_AS_IT_IS = ("item", "detach")  # methods that change no number
_OTHER: tuple[tuple[type[ast.AST] | tuple[type[ast.AST], ...], str], ...] = (
    (ast.IfExp, "if … else"), (ast.Lambda, "lambda"), ((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "A loop in brackets"),
    ((ast.List, ast.Set, ast.Dict), "A list or dict"), (ast.JoinedStr, "A text"), (ast.NamedExpr, ":="), (ast.Starred, "*"),
)  # fmt: skip
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Slice,
    ast.Tuple, ast.Constant, ast.Load, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


class WatchProblem(Exception):  # noqa: N818 - it is shown under the expression
    """Why an expression cannot be watched, and where: columns `start` to `stop` from 0."""

    def __init__(self, message: str, start: int = 0, stop: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.stop = message, start, stop


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Attributes:
        text: as it was typed.
        tree: its syntax tree, made of what is allowed only.
        names: the names of tensors in it, dotted ones whole.
        nodes: the names (or numbers) of nodes in it.
        in_time: whether it looks at other moments.
    """

    text: str
    tree: ast.expr
    names: frozenset[str]
    nodes: frozenset[str] = frozenset()
    in_time: bool = False


def parse(text: str) -> Expression:
    """Check an expression.

    Raises:
        WatchProblem: it is no expression, too long, or uses something that watches do not have.
    """
    if not text.strip():
        raise WatchProblem("Type an expression, such as norm(w.grad).")
    if len(text) > LONGEST:
        raise WatchProblem(f"An expression has at most {LONGEST} characters.", LONGEST, len(text))
    shift, bare = len(text) - len(text.lstrip()), text.strip()
    numbered = _numbered(bare)
    marked = [place + k for k, place in enumerate(numbered)]  # where Python reads a letter before such a number
    read = "".join(_MARK * (k in numbered) + letter for k, letter in enumerate(bare))

    def typed(column: int) -> int:
        """Where in the text a column of what Python read stands."""
        return column - sum(place < column for place in marked) + shift

    try:
        tree = _AsFunctions(frozenset(marked)).visit(ast.parse(read, mode="eval")).body
    except SyntaxError as problem:
        if not problem.offset:  # Python came to the end
            end = shift + len(bare)
            raise WatchProblem("This is no expression yet: something is missing at its end.", end - 1, end) from None
        at = typed(problem.offset - 1)
        raise WatchProblem(f"This is no expression: {problem.msg}.", at, at + 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise WatchProblem("This is no expression that can be read.", 0, len(text)) from None
    found = _Found(set(), set())
    try:
        _check(tree, found)
    except WatchProblem as problem:
        raise WatchProblem(problem.message, typed(problem.start), typed(problem.stop)) from None
    return Expression(bare, tree, frozenset(found.names), frozenset(found.nodes), found.in_time)


def _numbered(text: str) -> list[int]:
    """Where the numbers stand that are part of a name: cards and named_parameters() call layers `0.weight` and `body.2.bias`."""
    places = []
    for found in _CHAIN.finditer(text):
        *inner, last = found[0].split(".")
        at = found.start()
        for part in inner:
            if part.isdigit() and last.isidentifier() and not _EXPONENT.fullmatch(found[0]):
                places.append(at)
            at += len(part) + 1
    return places


class _AsFunctions(ast.NodeTransformer):
    """Methods as scripts write them: `w.grad.norm()` is norm(w.grad), and `loss.item()` is loss. Numbers in names lose their mark again."""

    def __init__(self, marked: frozenset[int]) -> None:
        self._marked = marked

    def visit_Name(self, node: ast.Name) -> ast.expr:
        numbered = node.col_offset in self._marked and node.id.startswith(_MARK)
        return ast.copy_location(ast.Name(node.id.removeprefix(_MARK), node.ctx), node) if numbered else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        start = (node.end_col_offset or 0) - len(node.attr)
        return (
            ast.copy_location(ast.Attribute(node.value, node.attr.removeprefix(_MARK), node.ctx), node) if start in self._marked else node
        )

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        method = node.func
        if not isinstance(method, ast.Attribute) or node.args or node.keywords:
            return node
        if method.attr in _AS_IT_IS:
            return method.value
        if method.attr not in FUNCTIONS or method.attr == "ratio":
            return node
        return ast.copy_location(ast.Call(ast.copy_location(ast.Name(method.attr, ast.Load()), method), [method.value], []), node)


@dataclass(slots=True)
class _Found:
    """What was met on the way through an expression."""

    names: set[str]
    nodes: set[str]
    in_time: bool = False


def _fail(node: ast.AST, message: str) -> WatchProblem:
    start = getattr(node, "col_offset", 0)
    return WatchProblem(message, start, getattr(node, "end_col_offset", start + 1) or start + 1)


def _check(node: ast.AST, found: _Found) -> None:
    if not isinstance(node, _ALLOWED):
        said = next((words for kinds, words in _OTHER if isinstance(node, kinds)), f"{type(node).__name__.lower()}")
        raise _fail(node, f"{said} is not part of the language of watches.")
    if isinstance(node, ast.Constant) and not isinstance(node.value, (int, float, bool, type(None))):
        raise _fail(node, "Only numbers can stand here.")
    if isinstance(node, ast.Name):
        found.names.add(node.id)
        return
    if isinstance(node, ast.Attribute):
        _attribute(node, found)
        return
    if isinstance(node, ast.Call):
        _call(node, found)
        return
    if isinstance(node, ast.Subscript) and (whole := dotted(node)):
        found.names.add(whole)  # an entry of a list or dict, or what an optimizer keeps; else an element of a tensor
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return
    for child in ast.iter_child_nodes(node):
        _check(child, found)


def dotted(node: ast.expr) -> str:
    """`fc1.weight` of a chain of attributes that ends in a name, `net.0.weight` of one with numbers; "" of anything else.

    What an optimizer keeps is `opt.state[w].exp_avg`, in the script's words `opt.state[w]["exp_avg"]`.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    if not isinstance(node, ast.Subscript):
        return ""
    before, key = dotted(node.value), node.slice
    if isinstance(key, ast.Constant):
        if isinstance(key.value, str):
            return f"{before}.{key.value}" if before and key.value.isidentifier() else ""
        return f"{before}.{key.value}" if before and type(key.value) is int else ""
    inner = dotted(key) if before.rpartition(".")[2] == "state" else ""
    return f"{before}[{inner}]" if inner else ""


def _attribute(node: ast.Attribute, found: _Found) -> None:
    if node.attr in ATTRIBUTES:
        _check(node.value, found)
        return
    near = difflib.get_close_matches(node.attr, ATTRIBUTES, 1, 0.7)
    whole = dotted(node)
    if whole and not near:
        found.names.add(whole)  # a parameter's name with its module: fc1.weight
    else:
        hint = f" Did you mean .{near[0]}?" if near else f" There are: {', '.join('.' + a for a in ATTRIBUTES)}."
        raise _fail(node, f".{node.attr} is not known to watches.{hint}")


def _call(node: ast.Call, found: _Found) -> None:
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    known = (*FUNCTIONS, *IN_TIME, *OF_NODES)
    if called not in known:
        near = difflib.get_close_matches(called, known, 1) if called else []
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in FUNCTIONS:
            raise _fail(node, f".{method}() takes no arguments in watches.")
        raise _fail(node.func, f"{called or (f'.{method}()' if method else 'This')} is no function of watches.{hint}")
    least, most = OF_NODES.get(called, (2, 2) if called == "ratio" else (IN_TIME.get(called, 1),) * 2)
    if not least <= len(node.args) <= most or node.keywords:
        count = f"{least}" if least == most else f"{least} or {most}"
        raise _fail(node, f"{called} takes {count} argument{'s' if most > 1 else ''}.")
    found.in_time = found.in_time or called in IN_TIME
    arguments = node.args
    if called in OF_NODES:
        found.nodes.add(node_of(arguments[0]))
        arguments = arguments[1:]
    for argument in arguments:
        _check(argument, found)


def node_of(node: ast.expr) -> str:
    """Which node an argument means: a name, `relu.1` for the second relu, or a number.

    Raises:
        WatchProblem: it is something else.
    """
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value)
    name = dotted(node)
    if not name:
        raise _fail(node, "A node is the name of a tensor or op, such as loss, relu or relu[1], or a number.")
    return name
