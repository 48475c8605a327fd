"""An expression as blocks: `mean((w*x + b - y)**2)`. Parsed, never evaluated."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from . import edits
from .catalogue import Entry, catalogue
from .model import TENSOR, Document, Param, Value
from .problem import DocumentProblem

LONGEST = 4000
DEEPEST = 100
COLUMN, ROW = 250.0, 150.0
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "torch.add",
    ast.Sub: "torch.sub",
    ast.Mult: "torch.mul",
    ast.Div: "torch.div",
    ast.Pow: "torch.pow",
    ast.MatMult: "torch.matmul",
}
_DATA = frozenset(("x", "y", "target", "data", "input", "labels"))  # names that are no parameters


@dataclass(frozen=True, slots=True)
class _Made:
    block: str
    depth: int


class _Reader:
    """Builds blocks for a tree; names that the document has already are used again."""

    def __init__(self, document: Document, x: float, y: float) -> None:
        self.document = document
        self.new: list[str] = []
        self.at = x, y
        self.rows: dict[int, int] = {}
        self.known = {b.name: b.id for b in document.blocks.values()}

    def read(self, node: ast.expr, depth: int = 0) -> _Made | Param:
        if depth > DEEPEST:
            raise DocumentProblem(f"the expression is nested more than {DEEPEST} deep")
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return node.value
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            inner = self.read(node.operand, depth + 1)
            if isinstance(inner, (int, float)):
                return -inner if isinstance(node.op, ast.USub) else inner
            return self._block("torch.neg", [inner], {}, node) if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
            if not isinstance(left, _Made) and not isinstance(right, _Made):
                raise _refused(node, "two numbers need no node: write the result")
            return self._block(_BINARY[type(node.op)], [left, right], {}, node)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        raise _refused(node, "only names, numbers, + - * / ** @ and calls can become nodes")

    def _name(self, name: str) -> _Made:
        if name in self.known:
            return _Made(self.known[name], 0)
        grad = name not in _DATA
        made = self._add(TENSOR, 0, name=name, value=Value((), (1.0,)), requires_grad=grad)
        self.known[name] = made.block
        return made

    def _call(self, node: ast.Call, depth: int) -> _Made:
        function = node.func
        arguments: list[_Made | Param] = []
        for a in node.args:
            if isinstance(a, (ast.Tuple, ast.List)) and not all(isinstance(e, ast.Constant) for e in a.elts):
                arguments += [self.read(e, depth + 2) for e in a.elts]  # a row of tensors, as cat and stack take
            else:
                arguments.append(_setting(a) if _is_setting(a) else self.read(a, depth + 1))
        if isinstance(function, ast.Attribute) and not _is_module(function.value):
            found = _find(function.attr, function)
            arguments.insert(0, self.read(function.value, depth + 1))
        else:
            found = _find(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""), function)
        settings: dict[str, Param | _Made] = {}
        for k in node.keywords:
            if k.arg is None:
                raise _refused(node, "** cannot become a node")
            settings[k.arg] = _setting(k.value) if _is_setting(k.value) else self.read(k.value, depth + 1)
        return self._block(found.op, arguments, settings, node)

    def _block(self, op: str, arguments: list[_Made | Param], named: dict[str, Param | _Made], node: ast.expr) -> _Made:
        found = catalogue()[op]
        places = [p.name for p in found.ports] + [s.name for s in found.settings]
        if found.ports and found.ports[0].many:
            wired = [a for a in arguments if isinstance(a, _Made)]
            pairs: list[tuple[str, _Made | Param]] = [(f"{found.ports[0].name}.{k}", a) for k, a in enumerate(wired)]
            pairs += zip(places[1:], [a for a in arguments if not isinstance(a, _Made)], strict=False)
        else:
            if len(arguments) > len(places):
                raise _refused(node, f"{found.title} takes at most {len(places)} arguments")
            pairs = list(zip(places, arguments, strict=False))
        pairs += list(named.items())
        depth = 1 + max((a.depth for _, a in pairs if isinstance(a, _Made)), default=0)
        made = self._add(op, depth)
        for place, argument in pairs:
            if isinstance(argument, _Made):
                if found.port(place) is None:
                    raise _refused(node, f"{found.title} takes no tensor as {place}")
                self.document = edits.connect(self.document, argument.block, made.block, place)
            elif place in places:
                self.document = edits.set_param(self.document, made.block, place, argument)
            else:
                raise _refused(node, f"{found.title} has no argument {place}")
        return _Made(made.block, depth)

    def _add(self, op: str, depth: int, *, name: str = "", value: Value | None = None, requires_grad: bool = False) -> _Made:
        row = self.rows.get(depth, 0)
        self.rows[depth] = row + 1
        x, y = self.at
        self.document, block_id = edits.add(
            self.document, op, x + depth * COLUMN, y + row * ROW, name=name, value=value, requires_grad=requires_grad
        )
        self.new.append(block_id)
        return _Made(block_id, depth)


def read_expression(document: Document, text: str, x: float = 0.0, y: float = 0.0) -> tuple[Document, tuple[str, ...]]:
    """The document with the blocks of an expression (or of an assignment `name = expression`); the ids that are new.

    Raises:
        DocumentProblem: no expression, or one with something that cannot be a node.
    """
    if len(text) > LONGEST:
        raise DocumentProblem(f"the expression has {len(text):,} characters; {LONGEST:,} are possible")
    try:
        body = ast.parse(text.strip()).body
    except SyntaxError as e:
        raise DocumentProblem(f"{e.msg}", f"column {e.offset or 0}") from None
    except (ValueError, RecursionError, MemoryError):
        raise DocumentProblem("this is no expression that Python can read") from None
    if len(body) != 1 or not isinstance(body[0], (ast.Expr, ast.Assign)):
        raise DocumentProblem("one expression is needed, such as mean((w*x + b - y)**2)")
    statement = body[0]
    reader = _Reader(document, x, y)
    made = reader.read(statement.value)
    if not isinstance(made, _Made):
        reader.new.append(edits.add(document, TENSOR, x, y)[1])
        reader.document, _ = edits.add(document, TENSOR, x, y, value=Value((), (float(made),)))  # type: ignore[arg-type]  # a number
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name) and made.block in reader.new:
        reader.document = edits.rename(reader.document, made.block, statement.targets[0].id)
    return reader.document, tuple(reader.new)


def _refused(node: ast.expr, text: str) -> DocumentProblem:
    return DocumentProblem(text, f"column {node.col_offset + 1}")


def _is_module(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id in ("torch", "F")) or (isinstance(node, ast.Attribute) and _is_module(node.value))


def _find(name: str, node: ast.expr) -> Entry:
    for prefix in ("torch", "F", "torch.linalg", "torch.special"):
        found = catalogue().get(f"{prefix}.{name}")
        if found is not None:
            return found
    raise _refused(node, f"there is no function {name or 'like this'}")


def _is_setting(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and not (isinstance(node.value, (int, float)) and not isinstance(node.value, bool))
    ) or isinstance(node, (ast.Tuple, ast.List))


def _setting(node: ast.expr) -> Param:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        raise _refused(node, "only numbers can stand in a list here") from None
    return _frozen(value, node)


def _frozen(value: object, node: ast.expr) -> Param:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(v, node) for v in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise _refused(node, "only numbers, words and None can be arguments")
