"""A tree of an expression as blocks: `mean((w*x + b - y)**2)`. Parsed, never evaluated; `expression.py` reads the statements around it."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .. import edits
from ..model import TENSOR, Document, Param, Value
from ..palette.catalogue import Entry, catalogue
from ..palette.search import search
from ..problem import DocumentProblem
from ..run.inference import infer
from ..run.training import BY_STEPS, optimizers, schedulers
from ..sharing import share
from ..values import checked, flatten
from .indexing import AT, INDEX, read_index

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
# names that are no parameters: data, with a number or without (x1, y_train, targets), and the states that a recurrence begins with
_DATA = re.compile(r"(x|y|inputs?|targets?|data|labels?|images?)(_?\d+|_(true|train|test|data|batch))?|[hc]_?0", re.IGNORECASE)


_OF_NUMBERS: dict[type[ast.operator], Callable[..., int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda a, b: math.pow(a, b) if isinstance(a, float) or not 0 <= b <= 16 else a**b,
}
_FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "tanh")
# what losses are called in talk
SHORT = {"mse": "F.mse_loss", "bce": "F.binary_cross_entropy", "mae": "F.l1_loss", "nll": "F.nll_loss"}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Gt: "torch.gt",
    ast.GtE: "torch.ge",
    ast.Lt: "torch.lt",
    ast.LtE: "torch.le",
    ast.Eq: "torch.eq",
    ast.NotEq: "torch.ne",
}
_MANY = ("size", "shape", "dims", "repeats")  # given as (2, 3) or as 2, 3
_TURNED: dict[str, tuple[str, dict[str, Param]]] = {"T": ("torch.t", {}), "mT": ("torch.transpose", {"dim0": -2, "dim1": -1})}
_MODULES = {"torch": "torch", "F": "F", "nn": "nn", "linalg": "torch.linalg", "special": "torch.special", "functional": "F"}


@dataclass(frozen=True, slots=True)
class Made:
    """A block that an expression made or named, how deep it stands, and which of its outputs is meant."""

    block: str
    depth: int
    output: int = 0


class Reader:
    """Builds blocks for a tree; names that the document has already are used again."""

    def __init__(self, document: Document, x: float, y: float) -> None:
        self.document = document
        self.new: list[str] = []
        self.fresh: list[str] = []  # tensors that were only named
        self.parts: dict[str, Made] = {}  # outputs that have names of their own: values, indices = x.max(0)
        self.at = x, y
        self.rows: dict[int, int] = {}
        self.known = {b.name: b.id for b in document.blocks.values()}
        self.chains: dict[str, list[tuple[Entry, dict[str, Param]]]] = {}  # the layers that a variable holds, one after the other
        self.layers: dict[str, list[str]] = {}  # the blocks that these have become when they were called first
        self.states: dict[str, dict[str, Value]] = {}  # what was loaded into a layer

    def read(self, node: ast.expr, depth: int = 0) -> Made | Param:
        """The blocks of an expression, or the number that it is.

        Raises:
            DocumentProblem: something in it cannot be a node.
        """
        if depth > DEEPEST:
            raise DocumentProblem(f"the expression is nested more than {DEEPEST} deep")
        if (number := constant(node)) is not None:
            return number
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            inner = self.read(node.operand, depth + 1)
            if isinstance(inner, (int, float)):
                return -inner if isinstance(node.op, ast.USub) else inner
            return self._block("torch.neg", [inner], {}, node) if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
            if not isinstance(left, Made) and not isinstance(right, Made):
                raise refused(node, "these two give no number")
            return self._block(_BINARY[type(node.op)], [left, right], {}, node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            raise refused(node, "a power is written with **: w**2")
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        if isinstance(node, ast.List) and is_constant(node):
            return self._numbers(node)
        if isinstance(node, ast.Attribute) and node.attr in _TURNED and not _module(node.value):
            op, settings = _TURNED[node.attr]
            return self._block(op, [self.read(node.value, depth + 1)], dict(settings), node)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARED:
            sides = [self.read(node.left, depth + 1), self.read(node.comparators[0], depth + 1)]
            return self._block(_COMPARED[type(node.ops[0])], sides, {}, node)
        raise refused(node, "only names, numbers, + - * / ** @ and calls can become nodes")

    def _numbers(self, node: ast.List, name: str = "") -> Made:
        """[1, 2, 3] as a tensor of floats, as it is typed into one."""
        shape, flat = flatten(ast.literal_eval(node))
        return self.add(TENSOR, 0, name=name, value=checked(Value(shape, tuple(flat))))

    def _name(self, name: str) -> Made:
        if name in self.parts:
            return self.parts[name]
        if name in self.known:
            return Made(self.known[name], 0)
        grad = not is_data(name)
        made = self.add(TENSOR, 0, name=name, value=Value((), (1.0,)), requires_grad=grad)
        self.known[name] = made.block
        self.fresh.append(made.block)
        return made

    def _subscript(self, node: ast.Subscript, depth: int) -> Made:
        base: ast.expr = node
        while isinstance(base, ast.Subscript):
            base = base.value
        path = ast.unparse(node)[len(ast.unparse(base)) :]
        if isinstance(base, ast.Name) and base.id in self.known:  # one of several outputs, o[1][0]?
            outputs = infer(self.document).get(self.known[base.id])
            if outputs is not None and path in outputs.paths:
                return Made(self.known[base.id], 0, outputs.paths.index(path))
        inner = self.read(node.value, depth + 1)
        if not isinstance(inner, Made):
            raise refused(node, "a number has no elements")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        tensors: dict[str, Param | Made] = {}
        written = []
        for part in parts:
            if is_constant(part) or isinstance(part, ast.Slice):
                written.append(ast.unparse(part))
                continue
            if isinstance(part, ast.Name) and part.id not in self.known:
                self.known[part.id] = self.add(TENSOR, 0, name=part.id, value=Value((1,), (0.0,), "int64")).block
            written.append(f"{AT}{len(tensors)}")
            tensors[f"{AT}.{len(tensors)}"] = self.read(part, depth + 1)
        text = ", ".join(written) + ("," if len(parts) == 1 and isinstance(node.slice, ast.Tuple) else "")
        read_index(text)
        return self._block(INDEX, [inner], {"index": text, **tensors}, node)

    def _call(self, node: ast.Call, depth: int) -> Made:
        function = node.func
        if isinstance(function, ast.Call):  # nn.Linear(3, 4)(x)
            return self._chained(self.chain(function), node, depth)
        if isinstance(function, ast.Name) and function.id in self.chains:
            before = len(self.new)
            block = self._chained(self.chains[function.id], node, depth)
            made = [b for b in self.new[before:] if self.document.blocks[b].op.startswith("nn.")][-len(self.chains[function.id]) :]
            for again, first in zip(made, self.layers.setdefault(function.id, made), strict=True):
                self.document = share(self.document, again, first)
            state = self.states.get(function.id, {})
            if state:
                self.document = self.document.with_block(replace(self.document.blocks[block.block], state=state))
            return block
        if isinstance(function, ast.Name) and function.id in _ENDS and (row := self._clamped(node, function.id, depth)) is not None:
            return row
        arguments: list[Made | Param] = []
        for a in node.args:
            if isinstance(a, (ast.Tuple, ast.List)) and not is_constant(a):
                arguments += [self.read(e, depth + 2) for e in a.elts]  # a row of tensors, as cat and stack take
            else:
                arguments.append(self._argument(a, depth))
        settings: dict[str, Param | Made] = {}
        if isinstance(function, ast.Attribute) and not _module(function.value):
            found = _find(function.attr, function, ("Tensor",))
            arguments.insert(0, self.read(function.value, depth + 1))
        else:
            prefix = _module(function.value) if isinstance(function, ast.Attribute) else ""
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            found = _find(name, function, (prefix,) if prefix else ())
        for k in node.keywords:
            if k.arg is None:
                raise refused(node, "** cannot become a node")
            settings[k.arg] = self._argument(k.value, depth)
        found = _complete(found, len(arguments), settings)
        return self._block(found.op, arguments, settings, node)

    def _clamped(self, node: ast.Call, name: str, depth: int) -> Made | None:
        """`max(0, x)`, as a hinge is written: no element is below that number. A whole number behind x is a dimension, as in PyTorch."""
        numbers = [constant(a) for a in node.args]
        if len(numbers) != 2 or node.keywords or (numbers[0] is None) == (numbers[1] is None) or isinstance(numbers[1], int):
            return None
        number, other = (numbers[0], node.args[1]) if numbers[0] is not None else (numbers[1], node.args[0])
        return self._block("torch.clamp", [self.read(other, depth + 1)], {_ENDS[name]: number}, node)

    def _argument(self, node: ast.expr, depth: int) -> Made | Param:
        return setting(node) if _is_setting(node) else self.read(node, depth + 1)

    def _inputs(self, found: Entry, node: ast.Call, depth: int) -> dict[str, Made | Param]:
        """What a layer is called with, by input: lstm(x, (h, c)), attention(q, k, v, attn_mask=m)."""
        names = [p.name for p in found.ports]
        if len(node.args) > len(names):
            raise refused(node, f"{found.title} takes at most {len(names)} arguments")
        made: dict[str, Made | Param] = {}
        for name, a in (*zip(names, node.args, strict=False), *((k.arg or "", k.value) for k in node.keywords)):
            port = found.port(name)
            if port is None:
                raise refused(node, f"{found.title} has no input {name or 'like **'}")
            if port.many and isinstance(a, (ast.Tuple, ast.List)):
                made |= {f"{name}.{k}": self._argument(e, depth + 1) for k, e in enumerate(a.elts)}
            else:
                made[name] = self._argument(a, depth)
        return made

    def _chained(self, chain: list[tuple[Entry, dict[str, Param]]], node: ast.Call, depth: int) -> Made:
        """Layers that read what is given, one after the other."""
        (found, made), *others = chain
        block = self._block(found.op, [], {**made, **self._inputs(found, node, depth)}, node)
        for found, made in others:
            block = self._block(found.op, [], {**made, found.ports[0].name: block}, node)
        return block

    def chain(self, node: ast.expr) -> list[tuple[Entry, dict[str, Param]]]:
        """A layer that is made, or held by a variable; several of nn.Sequential(nn.Linear(3, 4), nn.ReLU()).

        Raises:
            DocumentProblem: it is none.
        """
        if isinstance(node, ast.Name) and node.id in self.chains:
            return self.chains[node.id]
        if not isinstance(node, ast.Call):
            raise refused(node, "layers are needed here, such as nn.Linear(3, 4)")
        if called(node) != "Sequential":
            return [self.layer(node)]
        made = [layer for part in node.args for layer in self.chain(part)]
        if not made or node.keywords:
            raise refused(node, "Sequential takes layers, one after the other")
        return made

    def layer(self, node: ast.Call) -> tuple[Entry, dict[str, Param]]:
        """A layer that is made: nn.Linear(3, 4).

        Raises:
            DocumentProblem: it is none.
        """
        name = called(node)
        found = catalogue().get(f"nn.{name}")
        if found is None:
            raise refused(node, f"there is no layer {name or 'like this'}")
        names = [s.name for s in found.settings]
        first = node.args[0] if node.args else None
        if found.inner and isinstance(first, ast.Call):  # nn.TransformerEncoder(nn.TransformerEncoderLayer(...), 2)
            held, made = self.layer(first)
            own = [n for n in names if n not in {s.name for s in held.settings}]
            rest = {**dict(zip(own, node.args[1:], strict=False)), **{k.arg or "": k.value for k in node.keywords}}
            if held.title != found.inner or not set(rest) <= set(own):
                raise refused(node, f"{name} takes a {found.inner} and {', '.join(own)}")
            return found, {**made, **{k: setting(v) for k, v in rest.items()}}
        if len(node.args) > len(names):
            raise refused(node, f"{name} takes at most {len(names)} arguments")
        given = {**dict(zip(names, node.args, strict=False)), **{k.arg or "": k.value for k in node.keywords}}
        if not set(given) <= set(names):
            raise refused(node, f"{name} has no argument {next(g for g in given if g not in names)}")
        return found, {k: setting(v) for k, v in given.items()}

    def _block(self, op: str, arguments: list[Made | Param], named: dict[str, Param | Made], node: ast.expr) -> Made:
        found = catalogue()[op]
        places = list(found.places) or [p.name for p in found.ports] + [s.name for s in found.settings]
        if found.ports and found.ports[0].many:
            row = found.ports[0].name
            wired = [a for a in arguments if isinstance(a, Made)]
            pairs: list[tuple[str, Made | Param]] = [(f"{row}.{k}", a) for k, a in enumerate(wired)]
            pairs += zip([p for p in places if p != row], [a for a in arguments if not isinstance(a, Made)], strict=False)
        else:
            last = len(places) - 1
            if len(arguments) > len(places) and places[last] in _MANY and all(isinstance(a, int) for a in arguments[last:]):
                arguments = [*arguments[:last], tuple(a for a in arguments[last:] if isinstance(a, int))]  # view(2, 3) is view((2, 3))
            if len(arguments) > len(places):
                raise refused(node, f"{found.title} takes at most {len(places)} arguments")
            pairs = self._positional(found, places, arguments)
        pairs += list(named.items())
        depth = 1 + max((a.depth for _, a in pairs if isinstance(a, Made)), default=0)
        made = self.add(op, depth)
        for place, argument in pairs:
            if isinstance(argument, Made):
                if found.port(place) is None:
                    raise refused(node, f"{found.title} takes no tensor as {place}")
                self.document = edits.connect(self.document, argument.block, made.block, place, argument.output)
            elif place in places:
                self.document = edits.set_param(self.document, made.block, place, argument)
            else:
                raise refused(node, f"{found.title} has no argument {place}")
        return Made(made.block, depth)

    @staticmethod
    def _positional(found: Entry, places: list[str], arguments: list[Made | Param]) -> list[tuple[str, Made | Param]]:
        """Arguments at their places; a tensor where a setting stands goes to the next free input: max(x, 1) and max(x, y)."""
        pairs: list[tuple[str, Made | Param]] = []
        for place, argument in zip(places, arguments, strict=False):
            taken = {p for p, _ in pairs}
            free = [p.name for p in found.ports if p.name not in taken]
            elsewhere = isinstance(argument, Made) and found.port(place) is None and free
            pairs.append((free[0] if elsewhere else place, argument))
        return pairs

    def add(self, op: str, depth: int, *, name: str = "", value: Value | None = None, requires_grad: bool = False) -> Made:
        """A new block in the column of its depth."""
        row = self.rows.get(depth, 0)
        self.rows[depth] = row + 1
        x, y = self.at
        self.document, block_id = edits.add(
            self.document, op, x + depth * COLUMN, y + row * ROW, name=name, value=value, requires_grad=requires_grad
        )
        self.new.append(block_id)
        return Made(block_id, depth)


_ENDS = {"max": "min", "min": "max"}  # of Python's functions, and what clamp calls that end


def is_data(name: str) -> bool:
    """Whether a tensor with that name is data or a first state, and no parameter."""
    return _DATA.fullmatch(name) is not None


def called(node: ast.Call) -> str:
    """The last name of what is called: Linear of torch.nn.Linear(3, 4)."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def is_layer(node: ast.Call) -> bool:
    """Whether a layer is made: nn.Linear(3, 4), Sequential(...)."""
    if isinstance(node.func, ast.Attribute):
        return _module(node.func.value) == "nn"
    return called(node) == "Sequential" or f"nn.{called(node)}" in catalogue()


def refused(node: ast.AST, text: str) -> DocumentProblem:
    """Why a piece cannot become nodes, with its place."""
    line = getattr(node, "lineno", 1)
    return DocumentProblem(text, (f"line {line}, " if line > 1 else "") + f"column {getattr(node, 'col_offset', 0) + 1}")


def _module(node: ast.expr) -> str:
    """The prefix that a module's name stands for, "" where it is no module."""
    if isinstance(node, ast.Name):
        return _MODULES.get(node.id, "")
    return _MODULES.get(node.attr, "") if isinstance(node, ast.Attribute) and _module(node.value) else ""


def _find(name: str, node: ast.expr, first: tuple[str, ...] = ()) -> Entry:
    for spelled in dict.fromkeys((name, name.lower())):  # MSE(a, b)
        for prefix in (*first, "torch", "F", "torch.linalg", "torch.special", "Tensor"):
            found = catalogue().get(f"{prefix}.{spelled}")
            if found is not None and not found.layer:
                return found
        if spelled in SHORT:
            return catalogue()[SHORT[spelled]]
    if name in optimizers() or name in schedulers():
        raise refused(node, f"{name} is set beside the canvas, under Train")
    if name in BY_STEPS:
        raise refused(node, f"{name} goes on with each batch; here a scheduler goes on with each epoch, as CosineAnnealingLR does")
    raise refused(node, f"there is no function {name or 'like this'}{_near(name)}")


def _near(name: str) -> str:
    """What may have been meant: what the palette finds by the same letters."""
    found = [e.title for e in search(name) if name.lower() in e.title.lower()][:2] if len(name) > 1 else []
    return f": did you mean {' or '.join(found)}?" if found else ""


def _complete(found: Entry, count: int, named: Mapping[str, object]) -> Entry:
    """Of torch.dropout(x, p, train) and F.dropout(x) the one that nothing is missing at."""
    other = catalogue().get(f"F.{found.title}")
    if other is None or not found.op.startswith("torch."):
        return found

    def missing(e: Entry) -> bool:
        given = {*e.places[:count], *named}
        return any(s.required and s.name not in given for s in e.settings) or any(not p.optional and p.name not in given for p in e.ports)

    return other if missing(found) and not missing(other) else found


def constant(node: ast.expr) -> int | float | None:
    """The number that an expression of numbers is: 1/2, sqrt(4), math.pi; None where there is something else in it, or none comes out."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "math":
        return {"pi": math.pi, "e": math.e}.get(node.attr)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = constant(node.operand)
        return None if inner is None else -inner if isinstance(node.op, ast.USub) else inner
    parts: list[ast.expr] = []
    work: Callable[..., int | float] | None = None
    if isinstance(node, ast.BinOp):
        parts, work = [node.left, node.right], _OF_NUMBERS.get(type(node.op))
    elif isinstance(node, ast.Call) and not node.keywords and ast.unparse(node.func).removeprefix("math.") in _FUNCTIONS:
        parts, work = node.args, getattr(math, ast.unparse(node.func).removeprefix("math."))
    numbers = [constant(part) for part in parts] if work is not None else [None]
    if work is None or None in numbers:
        return None
    try:
        return work(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return None


def is_constant(node: ast.expr) -> bool:
    """Whether something is a literal: numbers, words, rows of them."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(map(is_constant, node.elts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Constant)


def _is_setting(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant) and not (isinstance(node.value, (int, float)) and not isinstance(node.value, bool))
    ) or isinstance(node, (ast.Tuple, ast.List))


def setting(node: ast.expr) -> Param:
    """A literal as a parameter.

    Raises:
        DocumentProblem: it is none.
    """
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        raise refused(node, "only numbers can stand in a list here") from None
    return _frozen(value, node)


def _frozen(value: object, node: ast.expr) -> Param:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(v, node) for v in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise refused(node, "only numbers, words and None can be arguments")
