"""Rules of what is made and read by nobody: an argument of forward(), a result that the next line writes over, a second zero_grad() of one optimizer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted

_GIVES_NEW = frozenset({
    "clamp", "clip", "normalize", "softmax", "log_softmax", "detach", "masked_fill", "where", "dropout", "sigmoid", "tanh", "relu", "pad_sequence", "transpose",
    "permute", "squeeze", "unsqueeze", "repeat_interleave", "cross_entropy", "mse_loss", "l1_loss", "one_hot", "float", "long", "to",
})  # fmt: skip
_MOMENTS = frozenset(
    {"t", "time", "times", "timestep"}
)  # solvers and networks hand them to each part, also to one that does not go by them


def unread_argument(script: Script) -> Iterator[Finding]:
    """`def forward(self, ids, mask)` that never reads the mask."""
    for cls in _modules(script):
        method = next((node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "forward"), None)
        if method is None or all(isinstance(stmt, ast.Raise | ast.Pass | ast.Expr) for stmt in method.body):
            continue
        read = {node.id for stmt in method.body for node in walk(stmt) if isinstance(node, ast.Name)}
        if "locals" in read:
            continue
        optional = len(method.args.defaults)
        given = [*method.args.args[1:], *method.args.kwonlyargs]
        wanted = given[: len(given) - optional - len(method.args.kwonlyargs)] if optional else given
        for argument in wanted:
            if argument.arg in read or argument.arg.startswith("_") or argument.arg in _MOMENTS:
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
            for node in walk(method):
                found = _computed(node)
                if found is None or not isinstance(node, ast.stmt):
                    continue
                name, call = found
                reads = [n for n in walk(method) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
                later = _written_over(script, node, name)
                if reads and later is None:
                    continue
                why = (
                    f"line {later.lineno} gives the name to something else before anybody has read it"
                    if later is not None
                    else "nothing reads it"
                )
                yield at(
                    node, "dead result", f"{name} is computed by {unparse(call.func)} and {why}: the layers in it do nothing, and learn nothing.",
                    "Go on with it in the next line, or return it.",
                )  # fmt: skip


def unread_name(script: Script) -> Iterator[Finding]:
    """`scaled = (x - mean) / std` in a script that trains, and nothing ever reads the name."""
    if not any(calls(script.tree, "backward")) or not any(calls(script.tree, "step")):
        return  # a script that trains nothing may make names to be looked at
    reads = {node.id for node in walk(script.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    if reads & {"locals", "globals", "vars", "exec", "eval"}:
        return
    for name, value, node in script.assignments:
        if name in reads or name.startswith("_") or isinstance(script.parent.get(node), ast.ClassDef) or not _of_numbers(value):
            continue
        if any(other is not node and known == name for known, _, other in script.assignments):
            continue
        holder = script.enclosing(node, (ast.FunctionDef,))
        outer = {known for found in walk(holder or script.tree) if isinstance(found, ast.Global | ast.Nonlocal) for known in found.names}
        if name not in outer:
            yield at(
                node, "unread name", f"{name} is computed here, and nothing ever reads it: what follows is the same without this line.",
                f"Go on with {name} where it was meant, or leave the line away.",
            )  # fmt: skip


def _of_numbers(value: ast.expr) -> bool:
    """Whether an expression computes with tensors: a formula, a call of torch or of its functions, a method that gives a new tensor."""
    if isinstance(value, ast.BinOp):
        return any(isinstance(node, ast.Name) for node in walk(value)) and not isinstance(value.left, ast.Constant | ast.JoinedStr)
    if not isinstance(value, ast.Call):
        return False
    *owner, method = dotted(value.func).split(".")
    return (bool(owner) and owner[0] == "F" and bool(value.args)) or (method in _GIVES_NEW and (bool(value.args) or bool(owner)))


def _modules(script: Script) -> Iterator[ast.ClassDef]:
    for node in walk(script.tree):
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
        used = {n.id for n in walk(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        if name in used or isinstance(stmt, ast.If | ast.For | ast.While | ast.With | ast.Try):
            return None
        if isinstance(stmt, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in stmt.targets):
            return stmt
    return None


def cleared_twice(script: Script) -> Iterator[Finding]:
    """zero_grad() of one optimizer twice in a row, and of another one never."""
    made = {
        unparse(target): node
        for node in walk(script.tree)
        if isinstance(node, ast.Assign) and _optimizer(node.value)
        for target in node.targets
    }
    cleared = {unparse(call.func.value) for call, _ in calls(script.tree, "zero_grad") if isinstance(call.func, ast.Attribute)}
    forgotten = [name for name in made if name not in cleared and any(_owner(call) == name for call, _ in calls(script.tree, "step"))]
    for block in script.blocks if forgotten else ():
        for stmt, following in pairwise(block):
            text = unparse(stmt)
            if text == unparse(following) and isinstance(stmt, ast.Expr) and any(text.startswith(f"{name}.zero_grad(") for name in made):
                yield at(
                    following, "cleared twice", f"This clears the gradients of {text.split('.zero_grad')[0]} a second time, and those of {forgotten[0]} are cleared nowhere: they pile up from turn to turn.",
                    f"{forgotten[0]}.zero_grad() was meant.",
                )  # fmt: skip


def _owner(call: ast.Call) -> str:
    return unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _optimizer(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "optim." in dotted(value.func) + "." and "lr_scheduler" not in dotted(value.func)
