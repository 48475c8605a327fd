"""A script with the hooks that the recorder needs: names bound to tensors, loops entered, turned and left.

The tree is rewritten, not the text, and every inserted node stands on the line of the statement that it follows:
tracebacks, line numbers and the meaning of the program stay what they are.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import TYPE_CHECKING

from ..parsing import parse
from .hook_names import ATTRIBUTE, BIND, CLEAR, ENTER, ENTRY, EXIT, GIVEN, TURN
from .inserting import insert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..branch import InsertLine

NEVER, EACH = "never", "each"


def compile_instrumented(source: str, filename: str, zero_grad: str | None = None, insertions: Sequence[InsertLine] = ()) -> CodeType:
    """Code of the script with its hooks.

    Args:
        zero_grad: None leaves the script as it is; "never" leaves out every statement that empties `.grad`; "each" empties the
            `.grad` of all leaves before each backward in a loop (the two curves of the accumulation plot).
        insertions: statements that run before lines.
    """
    tree = parse(source, filename)
    if insertions:
        tree = insert(tree, insertions)
    tree = _Instrument(zero_grad).visit(tree)
    ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, filename, "exec", dont_inherit=True)  # our own __future__ imports are not the script's
    return code


class _Instrument(ast.NodeTransformer):
    def __init__(self, zero_grad: str | None) -> None:
        self._loops = 0
        self._depth = 0
        self._zero_grad = zero_grad

    # -- names ------------------------------------------------------------------------------------------

    def _bindings(self, targets: list[ast.expr], at: ast.stmt, *, of_loop: bool = False) -> list[ast.stmt]:
        """What tells the names of an assignment; nothing of the script is evaluated a second time but plain names."""
        told = []
        passing = [ast.Constant(True)] if of_loop else []
        for target in (part for t in targets for part in _parts(t)):
            if isinstance(target, ast.Name):
                told.append(_call(BIND, ast.Constant(target.id), ast.Name(target.id, ast.Load()), ast.Constant(at.lineno), *passing, at=at))
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                owner = ast.Name(target.value.id, ast.Load())
                told.append(_call(ATTRIBUTE, ast.Constant(target.attr), owner, ast.Constant(at.lineno), at=at))
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, (ast.Name, ast.Constant)):
                key = ast.Name(target.slice.id, ast.Load()) if isinstance(target.slice, ast.Name) else ast.Constant(target.slice.value)
                told += _entry(target.value, key, at)
        return told

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        if self._zero_grad == NEVER and _sets_grad_to_none(node):
            return ast.copy_location(ast.Pass(), node)
        return [node, *self._bindings(node.targets, node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | list[ast.stmt]:
        return node if node.value is None else [node, *self._bindings([node.target], node)]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        return [node, *self._bindings([node.target], node)]

    def visit_With(self, node: ast.With) -> ast.stmt:
        self.generic_visit(node)
        held: list[ast.expr] = [item.optional_vars for item in node.items if item.optional_vars is not None]
        node.body[:0] = self._bindings(held, node)
        return node

    # -- loops ------------------------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        return self._loop(node, [node.target])

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        return self._loop(node, [])

    def _loop(self, node: ast.For | ast.While, targets: list[ast.expr]) -> list[ast.stmt]:
        self._loops += 1
        number = self._loops
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        node.body[:0] = [_call(TURN, ast.Constant(number), at=node), *self._bindings(targets, node, of_loop=True)]
        left = _call(EXIT, ast.Constant(number), at=node)
        whole = ast.copy_location(ast.Try(body=[node], handlers=[], orelse=[], finalbody=[left]), node)
        return [_call(ENTER, ast.Constant(number), ast.Constant(node.lineno), at=node), whole]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        depth, self._depth = self._depth, 0
        self.generic_visit(node)
        self._depth = depth
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if arguments:
            first = 1 if ast.get_docstring(node, clean=False) is not None else 0
            at = node.body[min(first, len(node.body) - 1)]
            names = ast.Tuple([ast.Constant(name) for name in arguments], ast.Load())
            values = (ast.Name(name, ast.Load()) for name in arguments)
            node.body.insert(first, _call(GIVEN, names, ast.Constant(at.lineno), *values, at=at))
        return node

    # -- the two zero_grad policies -----------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | list[ast.stmt]:
        if self._zero_grad == NEVER and _empties_grad(node.value):
            return ast.copy_location(ast.Pass(), node)
        if self._zero_grad == EACH and self._depth and _is_call_of(node.value, "backward"):
            return [_call(CLEAR, at=node), node]
        if _is_call_of(node.value, "append"):
            return [node, *_entry(node.value.func.value, ast.Constant(-1), node)]  # type: ignore[attr-defined]  # a call of a method
        return node


def _parts(target: ast.expr) -> list[ast.expr]:
    """The names, attributes and entries that an assignment binds."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return [found for part in target.elts for found in _parts(part)]
    return _parts(target.value) if isinstance(target, ast.Starred) else [target]


def _entry(container: ast.expr, key: ast.expr, at: ast.stmt) -> list[ast.stmt]:
    """What tells of a new entry of a list or dict that has a name, or is an attribute of what has one."""
    attribute = container.attr if isinstance(container, ast.Attribute) else None
    owner = container.value if isinstance(container, ast.Attribute) else container
    if not isinstance(owner, ast.Name):
        return []
    name = ast.Constant(attribute or owner.id)
    return [_call(ENTRY, name, ast.Name(owner.id, ast.Load()), ast.Constant(attribute), key, ast.Constant(at.lineno), at=at)]


def _call(name: str, *arguments: ast.expr, at: ast.stmt) -> ast.stmt:
    made = ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(arguments), []))
    for part in ast.walk(made):
        ast.copy_location(part, at)
    return made


def _is_call_of(value: ast.expr, method: str) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == method


def _empties_grad(value: ast.expr) -> bool:
    """`optimizer.zero_grad()`, `model.zero_grad()`, `w.grad.zero_()`, `w.grad.data.zero_()`."""
    if _is_call_of(value, "zero_grad"):
        return True
    if not _is_call_of(value, "zero_"):
        return False
    holder = value.func.value  # type: ignore[attr-defined]  # a call of a method, seen above
    return any(isinstance(part, ast.Attribute) and part.attr == "grad" for part in ast.walk(holder))


def _sets_grad_to_none(node: ast.Assign) -> bool:
    return (
        isinstance(node.value, ast.Constant)
        and node.value.value is None
        and all(isinstance(t, ast.Attribute) and t.attr == "grad" for t in node.targets)
    )
