"""Rules of what is made and read by nobody: an argument of forward(), a result that the next line writes over, a second zero_grad() of one optimizer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from .finding import Finding
from .script import Script, at, calls, dotted


def unread_argument(script: Script) -> Iterator[Finding]:
    """`def forward(self, ids, mask)` that never reads the mask."""
    for cls in _modules(script):
        method = next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "forward"), None)
        if method is None or all(isinstance(stmt, ast.Raise | ast.Pass | ast.Expr) for stmt in method.body):
            continue
        read = {node.id for stmt in method.body for node in ast.walk(stmt) if isinstance(node, ast.Name)}
        if "locals" in read:
            continue
        optional = len(method.args.defaults)
        given = [*method.args.args[1:], *method.args.kwonlyargs]
        wanted = given[: len(given) - optional - len(method.args.kwonlyargs)] if optional else given
        for argument in wanted:
            if argument.arg in read or argument.arg.startswith("_"):
                continue
            yield Finding(
                argument.lineno, argument.col_offset, argument.end_lineno or argument.lineno, argument.end_col_offset or argument.col_offset + 1, "unread argument",
                f"forward() of {cls.name} is given {argument.arg} and never reads it: what it computes is the same without.",
                f"Use {argument.arg} where it belongs, such as a mask in the scores or in the mean, or leave it away.",
            )  # fmt: skip


def dead_result(script: Script) -> Iterator[Finding]:
    """`h = self.norm(x)` in forward(), and h is never read, or is written over before it is."""
    for cls in _modules(script):
        for method in (node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "forward"):
            for node in ast.walk(method):
                found = _computed(node)
                if found is None or not isinstance(node, ast.stmt):
                    continue
                name, call = found
                reads = [n for n in ast.walk(method) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
                later = _written_over(script, node, name)
                if reads and later is None:
                    continue
                why = (
                    f"line {later.lineno} gives the name to something else before anybody has read it"
                    if later is not None
                    else "nothing reads it"
                )
                yield at(
                    node, "dead result", f"{name} is computed by {ast.unparse(call.func)} and {why}: the layers in it do nothing, and learn nothing.",
                    "Go on with it in the next line, or return it.",
                )  # fmt: skip


def _modules(script: Script) -> Iterator[ast.ClassDef]:
    for node in ast.walk(script.tree):
        if isinstance(node, ast.ClassDef) and any(dotted(base).split(".")[-1] == "Module" for base in node.bases):
            yield node


def _computed(node: ast.AST) -> tuple[str, ast.Call] | None:
    """The name and the call of `h = self.layer(x)` or `h = F.relu(x)`."""
    if not (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
    ):
        return None
    name, root = node.targets[0].id, dotted(node.value.func).split(".")[0]
    return (name, node.value) if root in ("self", "F", "torch") and node.value.args and not name.startswith("_") else None


def _written_over(script: Script, node: ast.AST, name: str) -> ast.stmt | None:
    """The statement after another one in its block that gives a name a new value, with no read in between."""
    block = next((block for block in script.blocks if node in block), None)
    for stmt in block[block.index(node) + 1 :] if block is not None and isinstance(node, ast.stmt) else ():
        used = {n.id for n in ast.walk(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        if name in used or isinstance(stmt, ast.If | ast.For | ast.While | ast.With | ast.Try):
            return None
        if isinstance(stmt, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in stmt.targets):
            return stmt
    return None


def cleared_twice(script: Script) -> Iterator[Finding]:
    """zero_grad() of one optimizer twice in a row, and of another one never."""
    made = {
        ast.unparse(target): node
        for node in ast.walk(script.tree)
        if isinstance(node, ast.Assign) and _optimizer(node.value)
        for target in node.targets
    }
    cleared = {ast.unparse(call.func.value) for call, _ in calls(script.tree, "zero_grad") if isinstance(call.func, ast.Attribute)}
    forgotten = [name for name in made if name not in cleared and any(_owner(call) == name for call, _ in calls(script.tree, "step"))]
    for block in script.blocks if forgotten else ():
        for stmt, following in pairwise(block):
            text = ast.unparse(stmt)
            if (
                text == ast.unparse(following)
                and isinstance(stmt, ast.Expr)
                and any(text.startswith(f"{name}.zero_grad(") for name in made)
            ):
                yield at(
                    following, "cleared twice", f"This clears the gradients of {text.split('.zero_grad')[0]} a second time, and those of {forgotten[0]} are cleared nowhere: they pile up from turn to turn.",
                    f"{forgotten[0]}.zero_grad() was meant.",
                )  # fmt: skip


def _owner(call: ast.Call) -> str:
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _optimizer(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "optim." in dotted(value.func) + "." and "lr_scheduler" not in dotted(value.func)
