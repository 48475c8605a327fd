"""Text as blocks: an expression, or the straight-line part of a PyTorch program, such as the one that a document is exported as.

Parsed, never evaluated.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace

from .. import edits
from ..model import DRAWN, DTYPES, TENSOR, Document, Value
from ..palette.fitting import fitted
from ..problem import DocumentProblem
from ..run.inference import infer
from ..values import checked, flatten, parse
from .reader import Made, Reader, constant, is_constant, is_layer, refused, setting
from .training_lines import TrainingLines

LONGEST = 100_000
_MADE = ("randn", "rand", "zeros", "ones", "normal", "randint", "uniform_")
_SPACED = ("linspace", "arange")
_LIKE = tuple(f"{name}_like" for name in ("randn", "rand", "zeros", "ones", "full", "empty"))
# how formulas are written on slides, for what Python reads
_TYPESET = str.maketrans({"·": "*", "×": "*", "∗": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "**2", "³": "**3"})


def read_expression(document: Document, text: str, x: float = 0.0, y: float = 0.0) -> tuple[Document, tuple[str, ...]]:
    """The document with the blocks of an expression or of lines of a program; the ids that are new.

    Raises:
        DocumentProblem: no expression, or one with something that cannot be a node.
    """
    if len(text) > LONGEST:
        raise DocumentProblem(f"the text has {len(text):,} characters; {LONGEST:,} are possible")
    try:
        body = ast.parse(text.strip().translate(_TYPESET)).body
    except SyntaxError as e:
        words = _hint(text, e.msg or "")
        raise DocumentProblem(words, f"column {e.offset or 0}") from None
    except (ValueError, RecursionError, MemoryError):
        raise DocumentProblem("this is no expression that Python can read") from None
    if len(body) > 1 and any(isinstance(b, ast.Expr) and isinstance(b.value, (ast.Constant, ast.Tuple)) for b in body):
        raise DocumentProblem("lines of numbers are no program")
    program = _Program(document, x, y)
    for statement in body:
        program.statement(statement)
    plan = program.lines.training(document.training)
    made = edits.set_training(program.document, plan) if plan != document.training else program.document
    if not program.new and made is program.document and not program.lines.spoke:
        if program.chains:  # of a layer by itself nothing can be seen
            name = list(program.chains)[-1]
            raise DocumentProblem(
                f"{name} holds layers that nothing reads yet: a node is a layer with its input, such as nn.Linear(3, 4)(x)"
            )
        raise DocumentProblem("one expression is needed, such as mean((w*x + b - y)**2)")
    return fitted(made, program.fresh), tuple(program.new)


def _hint(text: str, problem: str) -> str:
    """How it is written what Python does not read, where that is plain."""
    if problem == "invalid decimal literal" or re.search(r"\)\s*[A-Za-z0-9_(]", text):
        return "a product is written with *: 2*w"
    if "|" in text:
        return "an absolute value is written abs(x), a length norm(x)"
    return problem


class _Program(Reader):
    """Statement after statement."""

    def __init__(self, document: Document, x: float, y: float) -> None:
        super().__init__(document, x, y)
        self.seed: int | None = None  # that was set for what is drawn next
        self.streams: dict[str, int] = {}  # the seeds of generators
        self._turn: dict[str, tuple[str | None, ...]] = {}  # the lines of the loop, with the blocks that they read
        self.lines = TrainingLines(self.known, self.layers, self.statement)

    def statement(self, node: ast.stmt) -> None:
        """Blocks for one statement.

        Raises:
            DocumentProblem: it cannot become nodes.
        """
        if isinstance(node, (ast.Import, ast.ImportFrom)) or self.lines.takes(node):
            return
        if isinstance(node, ast.Expr):
            self._expression(node.value)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            if not self._again(node.targets[0].id, node):
                self._assigned(node.targets[0].id, node.value)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], (ast.Tuple, ast.List)):
            self._unpacked(node.targets[0], node.value)
        elif isinstance(node, ast.With) and len(node.items) == 1 and ast.unparse(node.items[0].context_expr) == "torch.no_grad()":
            before = len(self.new)
            for inner in node.body:
                self.statement(inner)
            self.document = edits.toggle_no_grad(self.document, self.new[before:])
        else:
            raise refused(node, "only lines like name = expression can become nodes")

    def _again(self, name: str, node: ast.Assign) -> bool:
        """Whether a line of the training's loop stood in it before and reads the same: the same node, computed again for another loss."""
        if not self.lines.inside:
            return False
        read = sorted({part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)})
        line, reads = ast.unparse(node), tuple(self.known.get(one) for one in read)
        if name not in read and self._turn.get(line) == reads:
            return True
        self._turn[line] = reads
        return False

    def _expression(self, node: ast.expr) -> None:
        function = node.func if isinstance(node, ast.Call) else None
        words = ast.unparse(function) if function is not None else ""
        if isinstance(node, ast.Call) and words == "torch.manual_seed" and node.args:
            self.seed = _whole(setting(node.args[0]), node)
        elif words == "print" or words.endswith(".backward"):
            return  # the canvas shows numbers and gradients by itself
        elif isinstance(node, ast.Call) and words.endswith(".load_state_dict") and node.args and isinstance(node.args[0], ast.Dict):
            self.states[words.removesuffix(".load_state_dict")] = dict(self._loaded(node.args[0]))
        elif isinstance(function, ast.Attribute) and function.attr in ("retain_grad", "requires_grad_"):
            made = self.read(function.value)
            if isinstance(made, Made):
                self.document = edits.toggle(self.document, [made.block], function.attr.rstrip("_"))
        else:
            self._one(node)

    def _assigned(self, name: str, node: ast.expr) -> None:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.Generator().manual_seed" and node.args:
            self.streams[name] = _whole(setting(node.args[0]), node)
            return
        node, grad = _without_flag(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "uniform_":
            inner = node.func.value
            if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "torch.empty":
                whole = ast.Call(node.func, [*node.args, *inner.args], [*node.keywords, *inner.keywords])
                self.known[name] = self._tensor(name, ast.copy_location(whole, node), "uniform_", grad).block
                return
        if isinstance(node, ast.Call) and (maker := self._maker(node)):
            self.known[name] = (self._like(name, node, maker, grad) if maker in _LIKE else self._tensor(name, node, maker, grad)).block
            return
        if isinstance(node, ast.List) and is_constant(node):
            self.known[name] = self._numbers(node, name).block
            return
        if isinstance(node, ast.Call) and is_layer(node):
            self.chains[name] = self.chain(node)
            return
        number = constant(node)
        if number is not None:
            self.known[name] = self.add(TENSOR, 0, name=name, value=Value((), (float(number),))).block
            return
        made = self._one(node)
        if made.block in self.new and self.document.blocks[made.block].op != TENSOR:
            self.document = edits.rename(self.document, made.block, name)
        self.known[name] = made.block

    def _maker(self, node: ast.Call) -> str:
        """The function of PyTorch that makes a tensor out of numbers, "" where something else is called."""
        function = node.func
        if isinstance(function, ast.Attribute):
            name = function.attr if ast.unparse(function.value) == "torch" else ""
        else:
            name = function.id if isinstance(function, ast.Name) and function.id not in self.chains else ""
        return name if name in ("tensor", *_MADE, *_SPACED, *_LIKE) else ""

    def _call(self, node: ast.Call, depth: int) -> Made:
        maker = self._maker(node)
        if maker in _LIKE:
            return self._like("", node, maker)
        return self._tensor("", node, maker) if maker else super()._call(node, depth)

    def _like(self, name: str, node: ast.Call, maker: str, flagged: bool = False) -> Made:
        """randn_like(mu): a tensor as large as another one is now. What is drawn so is noise, which each step of a training draws anew."""
        before, rows, new, fresh = self.document, dict(self.rows), list(self.new), list(self.fresh)
        other = self.read(node.args[0]) if node.args else None
        if not isinstance(other, Made):
            raise refused(node, f"{maker} takes the tensor that it is to be like")
        self.document = fitted(self.document, self.fresh)
        found = infer(self.document)[other.block]
        if found.spec is None:
            raise refused(node, f"{maker} needs a tensor whose shape is known: {found.problem or 'something is missing'}")
        if not isinstance(node.args[0], ast.Name):  # it was only asked how large it would be
            self.document, self.rows, self.new[:], self.fresh[:] = before, rows, new, fresh
        shape, dtype = found.outputs[other.output]
        named = {k.arg: k.value for k in node.keywords}
        kind = ast.unparse(named.pop("dtype", ast.Constant(dtype))).strip("'").removeprefix("torch.")
        grad = ast.unparse(named.pop("requires_grad", ast.Constant(False))) == "True" or flagged
        filled = maker == "full_like"
        fill = constant(named.pop("fill_value", node.args[1] if len(node.args) > 1 else ast.Constant(None))) if filled else 0
        if named or fill is None or kind not in DTYPES or len(node.args) > 1 + filled:
            raise refused(node, f"{maker} takes a tensor{', a number' * filled}, dtype and requires_grad here")
        source = {"full_like": "data", "empty_like": "zeros"}.get(maker, maker.removesuffix("_like"))
        data = (float(fill),) * math.prod(shape) if filled else ()
        value = Value(shape, data, kind, source, self._next_seed(source), anew=source in DRAWN)
        name = name or ("eps" if value.anew else "")
        return self.add(TENSOR, 0, name=name, value=checked(value), requires_grad=grad and kind.startswith("float"))

    def _unpacked(self, target: ast.Tuple | ast.List, node: ast.expr) -> None:
        """`out, (h, c) = lstm(x)`: names for the outputs of a node."""
        made = self._one(node)
        self.document = fitted(self.document, self.fresh)
        outputs = infer(self.document)[made.block]
        if outputs.problem:
            raise refused(node, outputs.problem)
        open_: list[tuple[str, ast.expr]] = [("", target)]
        for path, part in open_:
            if isinstance(part, (ast.Tuple, ast.List)):
                open_ += [(f"{path}[{k}]", e) for k, e in enumerate(part.elts)]
            elif isinstance(part, ast.Name) and path in outputs.paths:
                self.parts[part.id] = Made(made.block, 0, outputs.paths.index(path))
            else:
                raise refused(part, "each output of the node takes a name here")

    def _one(self, node: ast.expr) -> Made:
        made = self.read(node)
        if isinstance(made, Made):
            return made
        if not isinstance(made, (int, float)):
            raise refused(node, "this is no tensor")
        return self.add(TENSOR, 0, value=Value((), (float(made),)))

    def _loaded(self, node: ast.Dict) -> Iterator[tuple[str, Value]]:
        for key, held in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(held, ast.Call) or ast.unparse(held.func) != "torch.tensor":
                raise refused(node, "a state is a dict of names and tensors")
            yield str(key.value), self._value(held, "tensor")[0]

    def _tensor(self, name: str, node: ast.Call, maker: str, flagged: bool = False) -> Made:
        value, grad = self._value(node, maker)
        if self.lines.inside and value.source in DRAWN:
            value = replace(value, anew=True)
        return self.add(TENSOR, 0, name=name, value=value, requires_grad=(grad or flagged) and value.dtype.startswith("float"))

    def _next_seed(self, source: str) -> int:
        """The one that was set, for the first that is drawn then; the others have their own, as two draws differ in a program."""
        if source not in DRAWN:
            return 0
        seed, self.seed = self.seed, None
        if seed is not None:
            return seed
        taken = edits.seeds(self.document)
        return next(n for n in itertools.count() if n not in taken)

    def _value(self, node: ast.Call, maker: str) -> tuple[Value, bool]:
        """torch.tensor([1., 2.], requires_grad=True), torch.randn(2, 3): the value, and whether it requires grad."""
        named = {k.arg: k.value for k in node.keywords}
        grad = ast.unparse(named.pop("requires_grad", ast.Constant(False))) == "True"
        dtype = ast.unparse(named.pop("dtype", ast.Constant(None))).removeprefix("torch.")
        stream = ast.unparse(named.pop("generator", ast.Constant("")))
        seed = self.streams[stream] if stream in self.streams else self._next_seed(maker.rstrip("_"))
        if named or not node.args:
            raise refused(node, f"torch.{maker} takes numbers, dtype and requires_grad here")
        given = [_literal(_Lengths(self).visit(a)) for a in node.args]
        if maker in _SPACED:
            whole = maker == "arange" and all(isinstance(n, int) for n in given)
            value = parse(f"{maker}({', '.join(map(str, given))})", Value(dtype="int64" if whole else "float32"))
        elif maker == "randint" and len(given) == 2:  # from 0 on
            return self._value(ast.Call(node.func, [ast.Constant(0), *node.args], node.keywords), maker)
        elif maker == "tensor":
            shape, flat = flatten(given[0])
            kind = "float32" if any(isinstance(v, float) for v in _leaves(given[0])) else "int64"
            value = Value(shape, tuple(flat), kind)
        elif maker in ("normal", "randint", "uniform_"):
            low, high, sizes = given if len(given) == 3 else (None, None, None)
            if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or not isinstance(sizes, (tuple, list)):
                raise refused(node, f"{maker} takes two numbers and a shape here")
            ends, kind = (float(low), float(high)), "int64" if maker == "randint" else "float32"
            value = Value(tuple(_whole(n, node) for n in sizes), (), kind, maker.rstrip("_"), seed, ends)
        else:
            sizes = given[0] if isinstance(given[0], (tuple, list)) else given
            value = Value(tuple(_whole(n, node) for n in sizes), (), "float32", maker, seed)
        if dtype in DTYPES:
            value = replace(value, dtype=dtype)
        elif dtype != "None":
            raise refused(node, f"there is no dtype {dtype}")
        return checked(value), grad


def _without_flag(node: ast.expr) -> tuple[ast.expr, bool]:
    """What `.requires_grad_()` is called on, and whether it is."""
    flagged = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requires_grad_"
    if flagged and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value, True
    return node, False


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(_Numbers().visit(node))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise refused(node, "only numbers and lists of numbers can stand here") from None


class _Numbers(ast.NodeTransformer):
    """float("nan") as the number that it is."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        words = {"float('nan')": float("nan"), "float('inf')": float("inf"), "float('-inf')": float("-inf")}
        number = words.get(ast.unparse(node))
        return node if number is None else ast.Constant(number)


class _Lengths(ast.NodeTransformer):
    """len(x) as the number of rows that the tensor has."""

    def __init__(self, program: _Program) -> None:
        self._program = program

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.args[0].id if ast.unparse(node.func) == "len" and node.args and isinstance(node.args[0], ast.Name) else ""
        block = self._program.document.blocks.get(self._program.known.get(name, ""))
        return node if block is None or block.value is None or not block.value.shape else ast.Constant(block.value.shape[0])


def _leaves(value: object) -> list[object]:
    open_, made = [value], []
    while open_:
        found = open_.pop()
        if isinstance(found, (list, tuple)):
            open_ += found
        else:
            made.append(found)
    return made


def _whole(value: object, node: ast.expr) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    raise refused(node, "a whole number is needed here")
