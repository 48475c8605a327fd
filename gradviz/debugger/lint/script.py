"""A script as the rules see it: its tree, who encloses what, and what a name was last assigned."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from ..script.syntax import unparse, walk
from .finding import Finding

Block = list[ast.stmt]


class Script:
    """The parsed text. Nothing of it is ever run."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.parent: dict[ast.AST, ast.AST] = {child: node for node in walk(tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All lists of statements: the module, bodies of loops, functions, with, if."""
        found: list[Block] = []
        for node in walk(self.tree):
            for field in ("body", "orelse", "finalbody"):
                value = getattr(node, field, None)
                if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                    found.append(value)
        return tuple(found)

    @cached_property
    def assignments(self) -> tuple[tuple[str, ast.expr, ast.Assign], ...]:
        """(name, value, statement) of each `name = value`, in the order of the text."""
        nodes = [node for node in walk(self.tree) if isinstance(node, ast.Assign)]
        return tuple(
            (target.id, node.value, node)
            for node in sorted(nodes, key=lambda n: n.lineno)
            for target in node.targets
            if isinstance(target, ast.Name)
        )

    def assigned(self, name: str, before: int) -> tuple[ast.expr, ast.Assign] | None:
        """The last assignment of a name above a line."""
        found = [(value, node) for value, node in self._assigned_to.get(name, ()) if node.lineno < before]
        return found[-1] if found else None

    @cached_property
    def _assigned_to(self) -> dict[str, list[tuple[ast.expr, ast.Assign]]]:
        found: dict[str, list[tuple[ast.expr, ast.Assign]]] = {}
        for name, value, node in self.assignments:
            found.setdefault(name, []).append((value, node))
        return found

    @cached_property
    def parted(self) -> dict[str, list[ast.For | ast.comprehension | ast.Assign]]:
        """What gives each name one of several values: loops and comprehensions, and assignments to several names, in the order of the walk."""
        found: dict[str, list[ast.For | ast.comprehension | ast.Assign]] = {}
        for node in walk(self.tree):
            if isinstance(node, ast.For | ast.comprehension):
                for name in names(node.target):
                    found.setdefault(name, []).append(node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                for name in names(node.targets[0]):
                    found.setdefault(name, []).append(node)
        return found

    @cached_property
    def given(self) -> dict[str, list[ast.expr]]:
        """The values of each name: what is assigned to it or to an attribute of that name, what it is in a call, and what it is unless it is given."""
        found: dict[str, list[ast.expr]] = {}
        for node in walk(self.tree):
            if isinstance(node, ast.Assign):
                for name in {dotted(target).split(".")[-1] for target in node.targets}:
                    found.setdefault(name, []).append(node.value)
            elif isinstance(node, ast.keyword) and node.arg is not None:
                found.setdefault(node.arg, []).append(node.value)
            elif isinstance(node, ast.arguments):
                given = [*node.posonlyargs, *node.args]
                pairs = [
                    *zip(given[len(given) - len(node.defaults) :], node.defaults, strict=True),
                    *zip(node.kwonlyargs, node.kw_defaults, strict=True),
                ]
                for argument, value in pairs:
                    if value is not None:
                        found.setdefault(argument.arg, []).append(value)
        return found

    @cached_property
    def loops(self) -> tuple[ast.For | ast.While, ...]:
        """All loops."""
        return tuple(node for node in walk(self.tree) if isinstance(node, ast.For | ast.While))

    @cached_property
    def optimizers(self) -> dict[str, ast.Call]:
        """Names that an optimizer was assigned to, with the call that made the last one."""
        return {
            name: value
            for name, value, _ in self.assignments
            if isinstance(value, ast.Call) and "optim." in dotted(value.func) + "." and "lr_scheduler" not in dotted(value.func)
        }

    def enclosing(self, node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> ast.AST | None:
        """The nearest statement around a node that is of a kind."""
        at = self.parent.get(node)
        while at is not None and not isinstance(at, kinds):
            at = self.parent.get(at)
        return at

    def within(self, node: ast.AST, *modes: str) -> bool:
        """Whether a node stands in `with torch.no_grad():` (or another of the modes)."""
        at: ast.AST | None = node
        while at is not None:
            at = self.enclosing(at, (ast.With,))
            if isinstance(at, ast.With) and any(mode in unparse(item.context_expr) for item in at.items for mode in modes):
                return True
        holder = self.enclosing(node, (ast.FunctionDef,))
        return isinstance(holder, ast.FunctionDef) and any(mode in unparse(d) for d in holder.decorator_list for mode in modes)


def dotted(node: ast.AST) -> str:
    """`torch.optim.SGD` of its tree; "" for what is not a dotted name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else "." + ".".join(reversed(parts)) if parts else ""


def calls(node: ast.AST | Block, method: str) -> Iterator[tuple[ast.Call, str]]:
    """Calls `name.method(...)` below a node, with the name ("" for a longer expression)."""
    roots = node if isinstance(node, list) else [node]
    for root in roots:
        for found in _methods(root).get(method, ()):
            yield found, found.func.value.id if isinstance(found.func.value, ast.Name) else ""  # type: ignore[attr-defined]


def _methods(root: ast.AST) -> dict[str, list[ast.Call]]:
    """The calls `something.method(...)` below a node, by method; worked out once, as in `walk`."""
    known: dict[str, list[ast.Call]] | None = getattr(root, "methods", None)
    if known is None:
        known = {}
        for found in walk(root):
            if isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute):
                known.setdefault(found.func.attr, []).append(found)
        root.methods = known  # type: ignore[attr-defined]
    return known


def names(node: ast.AST) -> set[str]:
    """All names that an expression reads."""
    return {found.id for found in walk(node) if isinstance(found, ast.Name)}


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def asks_grad(node: ast.AST) -> bool:
    """Whether an expression makes a leaf with requires_grad=True."""
    for found in walk(node):
        if isinstance(found, ast.Call):
            value = keyword(found, "requires_grad")
            if isinstance(value, ast.Constant) and value.value is True:
                return True
    return False


def at(node: ast.expr | ast.stmt, rule: str, sentence: str, advice: str) -> Finding:
    """A finding at a node."""
    return Finding(
        node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset + 1, rule, sentence, advice
    )
