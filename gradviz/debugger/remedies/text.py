"""A script as its remedies see it: lines, calls at a line, and changes of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from ..diagnosis import Fix
from ..script.syntax import syntax_tree, unparse, walk


class Text:
    """The text of a script, with changes as `Fix`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.splitlines()
        self.tree = syntax_tree(source)

    @cached_property
    def parent(self) -> dict[ast.AST, ast.AST]:
        """Who holds each node."""
        return {child: node for node in walk(self.tree) for child in ast.iter_child_nodes(node)}

    def line(self, number: int) -> str:
        """A line (1-based), "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def indent(self, number: int) -> str:
        """The spaces before a line."""
        text = self.line(number)
        return text[: len(text) - len(text.lstrip())]

    def calls(self, line: int) -> Iterator[ast.Call]:
        """The calls that begin in a line, the outer ones first."""
        return (node for node in walk(self.tree) if isinstance(node, ast.Call) and node.lineno == line)

    def methods(self, name: str, line: int = 0) -> list[tuple[ast.Call, str]]:
        """Calls `x.name()` of the script, or of a line, with the text of x."""
        found = [
            (node, unparse(node.func.value))
            for node in walk(self.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name and line in (0, node.lineno)
        ]
        return sorted(found, key=lambda row: row[0].lineno)

    def statement(self, line: int) -> ast.stmt | None:
        """The innermost statement that begins in a line."""
        found = [node for node in walk(self.tree) if isinstance(node, ast.stmt) and node.lineno == line]
        return min(found, key=lambda node: (node.end_lineno or line) - line, default=None)

    def around(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """The nearest node of a kind that holds another one."""
        at = self.parent.get(node)
        while at is not None and not isinstance(at, kinds):
            at = self.parent.get(at)
        return at

    def put(self, node: ast.expr, text: str) -> Fix | None:
        """Other text in the place of an expression of one line."""
        if node.lineno != node.end_lineno or node.end_col_offset is None:
            return None
        raw = self.line(node.lineno).encode()
        after = raw[: node.col_offset] + text.encode() + raw[node.end_col_offset :]
        return Fix(node.lineno, raw.decode(), after.decode())

    def within(self, node: ast.expr) -> str:
        """The text of an expression as it stands, of one line; as Python would write it else."""
        if node.lineno != node.end_lineno:
            return unparse(node)
        return self.line(node.lineno).encode()[node.col_offset : node.end_col_offset].decode()

    def before(self, line: int, text: str) -> Fix:
        """A new line before another one, with its indentation."""
        old = self.line(line)
        return Fix(line, old, f"{self.indent(line)}{text}\n{old}")

    def after(self, line: int, text: str) -> Fix:
        """A new line behind another one, with its indentation."""
        old = self.line(line)
        return Fix(line, old, f"{old}\n{self.indent(line)}{text}")

    def moved(self, line: int, to: int, *, behind: bool) -> Fix | None:
        """A statement of one line in another place, before or behind a line, with the indentation that it has there."""
        stmt = self.statement(line)
        if stmt is None or stmt.end_lineno != line or line == to:
            return None
        first, last = min(line, to), max(line, to)
        old = self.lines[first - 1 : last]
        moved = self.indent(to) + self.line(line).strip()
        rest = [text for number, text in enumerate(old, first) if number != line]
        place = rest.index(self.line(to)) if self.line(to) in rest else 0
        if line < to:
            place = len(rest) - 1
        new = [*rest[: place + behind], moved, *rest[place + behind :]]
        return Fix(first, "\n".join(old), "\n".join(new))

    def importing(self, module: str, fix: Fix) -> Fix:
        """A change that also imports a module, where the script does not."""
        imports = [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        known = any(isinstance(node, ast.Import) and any(one.name == module and not one.asname for one in node.names) for node in imports)
        if known or not imports or fix.line <= imports[0].lineno:
            return fix
        first = next((node.lineno for node in imports if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")), 0)
        if not first or fix.line <= first:
            return fix
        before = self.lines[first - 1 : fix.line - 1]
        return Fix(first, "\n".join([*before, *fix.before.splitlines()]), "\n".join([f"import {module}", *before, *fix.after.splitlines()]))


def applied(source: str, fix: Fix) -> str:
    """The script with a change."""
    lines = source.splitlines()
    start, end = fix.line - 1, fix.line - 1 + len(fix.before.splitlines())
    return "\n".join([*lines[:start], *fix.after.splitlines(), *lines[end:]]) + "\n"


def fits(source: str, fix: Fix) -> bool:
    """Whether a change is of lines that are there, changes something, and leaves a program."""
    lines = source.splitlines()
    if lines[fix.line - 1 : fix.line - 1 + len(fix.before.splitlines())] != fix.before.splitlines() or fix.before == fix.after:
        return False
    try:
        ast.parse(applied(source, fix))
    except (SyntaxError, ValueError):
        return False
    return True
