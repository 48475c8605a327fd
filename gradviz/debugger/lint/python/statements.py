"""Rules of single statements: results that are dropped, attributes that PyTorch does not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted

_PURE = frozenset({
    "clamp", "clamp_min", "clamp_max", "clip", "detach", "mul", "div", "sub", "neg", "abs", "exp", "log", "sqrt", "pow", "relu", "sigmoid", "tanh",
    "softmax", "unsqueeze", "squeeze", "reshape", "view", "permute", "transpose", "flatten", "masked_fill", "clone", "contiguous", "fill_diagonal",
})  # fmt: skip
_IN_PLACE = frozenset({"clamp", "clamp_min", "clamp_max", "clip", "detach", "mul", "div", "sub", "neg", "abs", "exp", "log", "sqrt", "pow", "relu", "sigmoid", "tanh", "unsqueeze", "squeeze", "masked_fill"})  # fmt: skip
_MODES = frozenset({"no_grad", "inference_mode", "enable_grad"})
_FLAG = "requires_grad"
_NEAR = 0.85
OF_TARGETS = re.compile(r"(?:^|[._])(?:y|ys|t)(?:_|$)|label|target|truth|answer", re.IGNORECASE)
_BOTH = 2  # inputs and targets
_SAME_ORDER = ("seed(", "set_state(", "set_rng_state(")
_CALLED_BY_NAME = {
    "Module": ("__init__", "forward"),
    "Dataset": ("__init__", "__len__", "__getitem__"),
    "Function": ("forward", "backward"),
}


def result_dropped(script: Script) -> Iterator[Finding]:
    """`w.grad.clamp(-1, 1)` as a statement: a new tensor, which nobody keeps."""
    if not any(isinstance(node, ast.Import | ast.ImportFrom) and "torch" in unparse(node) for node in walk(script.tree)):
        return
    for node in walk(script.tree):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute)):
            continue
        if script.enclosing(node, (ast.Try,)) is not None:
            continue
        call = node.value.func
        if (
            call.attr in _PURE
            and isinstance(call.value, ast.Name | ast.Attribute)
            and unparse(call.value) not in ("torch", "F", "np", "math")
        ):
            owner = unparse(call.value)
            advice = f"Write {owner} = {unparse(node.value)}"
            if call.attr in _IN_PLACE:
                advice += f", or in place: {owner}.{call.attr}_(...)"
            yield at(
                node, "result dropped", f"{call.attr}() changes nothing in {owner}: it gives a new tensor, and this line drops it.", f"{advice}.",
            )  # fmt: skip


def misspelt(script: Script) -> Iterator[Finding]:
    """`w.require_grad = True`: Python takes any attribute, and PyTorch looks at another one."""
    known = {name for node in walk(script.tree) if isinstance(node, ast.ClassDef) for name in _own(node)}
    for node in walk(script.tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if not isinstance(target, ast.Attribute) or target.attr in (_FLAG, "requires_grad_") or target.attr in known:
                continue
            if unparse(target.value) == "ctx":  # what a Function hands on to its backward has names of its own
                continue
            if SequenceMatcher(None, target.attr, _FLAG).ratio() > _NEAR:
                owner = unparse(target.value)
                yield at(
                    node, "misspelt", f"{target.attr} is no attribute that PyTorch knows: {owner} gets one of that name, and does not require grad.",
                    f"Write {owner}.{_FLAG} = {unparse(node.value)}, or {owner}.requires_grad_().",
                )  # fmt: skip


def _own(cls: ast.ClassDef) -> set[str]:
    return {n.attr for n in walk(cls) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "self"}


def misspelt_method(script: Script) -> Iterator[Finding]:
    """`def _init_(self)` or `def foward(self, x)`: PyTorch calls methods by their names, and never this one."""
    for cls in (node for node in walk(script.tree) if isinstance(node, ast.ClassDef)):
        kinds = {dotted(base).split(".")[-1] for base in cls.bases}
        methods = {node.name: node for node in cls.body if isinstance(node, ast.FunctionDef)}
        for name in (name for kind in sorted(kinds & set(_CALLED_BY_NAME)) for name in _CALLED_BY_NAME[kind] if name not in methods):
            for written, node in methods.items():
                if not _nearly(written, name) or any(calls(script.tree, written)):
                    continue
                calling = (
                    "When it makes one, Python" if name == "__init__" else "PyTorch" if kinds & {"Module", "Function"} else "The loader"
                )
                yield at(
                    node, "misspelt", f"{cls.name} has a method {written} and none of the name {name}: {calling} looks for {name}, and this one is never called.",
                    f"Write def {name}(...).",
                )  # fmt: skip


def _nearly(written: str, name: str) -> bool:
    """Whether a name is another one with other underscores, or with a letter wrong."""
    return written.strip("_") == name.strip("_") or (
        SequenceMatcher(None, written, name).ratio() > _NEAR and abs(len(written) - len(name)) <= 1
    )


def shuffled_apart(script: Script) -> Iterator[Finding]:
    """`x = x[randperm(n)]` and `y = y[randperm(n)]`: inputs and targets are brought into two orders, and do not belong together any more."""
    for block in script.blocks:
        orders: list[tuple[str, ast.stmt]] = []
        if sum(bool(_put_in_order(stmt)) for stmt in block) < _BOTH:
            continue
        for stmt in block:
            if any(word in unparse(stmt) for word in _SAME_ORDER) and not isinstance(
                stmt, ast.For | ast.While | ast.FunctionDef | ast.ClassDef
            ):
                orders = []  # the generator is set back between the two
                continue
            name = _put_in_order(stmt)
            if name:
                orders.append((name, stmt))
        inputs = [(name, stmt) for name, stmt in orders if not OF_TARGETS.search(name)]
        targets = [(name, stmt) for name, stmt in orders if OF_TARGETS.search(name)]
        if inputs and targets:
            (one, first), (other, second) = inputs[0], targets[0]
            yield at(
                max(first, second, key=lambda stmt: stmt.lineno), "shuffled apart",
                f"{one} (line {first.lineno}) and {other} (line {second.lineno}) are brought into two random orders: the targets do not belong to the inputs any more, and there is nothing to "
                "learn.", "Draw one order and use it for both: order = torch.randperm(len(x)); x, y = x[order], y[order].",
            )  # fmt: skip


def _put_in_order(stmt: ast.stmt) -> str:
    """The name of what a statement brings into a random order of its own, "" for none."""
    value = stmt.value if isinstance(stmt, ast.Assign | ast.Expr) else None
    if (
        isinstance(value, ast.Subscript)
        and isinstance(value.slice, ast.Call)
        and dotted(value.slice.func).split(".")[-1] in ("randperm", "permutation")
    ):
        return unparse(value.value)
    shuffling = isinstance(value, ast.Call) and dotted(value.func).split(".")[-1] == "shuffle" and len(value.args) == 1
    return unparse(value.args[0]) if shuffling and isinstance(stmt, ast.Expr) and isinstance(value, ast.Call) else ""


def mode_not_entered(script: Script) -> Iterator[Finding]:
    """`torch.no_grad()` as a statement: it makes a mode and drops it, and nothing is switched off."""
    for node in walk(script.tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and dotted(node.value.func).split(".")[-1] in _MODES
            and not node.value.args
        ):
            name = unparse(node.value)
            yield at(
                node, "mode not entered", f"{name} makes a mode that is entered by with; alone in its line it does nothing, and what follows is recorded as before.", f"Write with {name}: and indent what it is for.",
            )  # fmt: skip
