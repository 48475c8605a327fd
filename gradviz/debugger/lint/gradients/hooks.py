"""Rules of hooks: what a forward hook returns takes the place of what the layer gave; one made in a loop knows the last name only; a gradient that is bounded on one side."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, calls, dotted, names

_KEEPING = (
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_hook",
    "register_post_accumulate_grad_hook",
)
_IN_THE_LOOP = frozenset({"remove", "backward"})  # a hook that is used and taken away in its turn knows the right name
_OF_GRADIENT = re.compile(r"\.grad(?:\.data)?$")
_LEFT = re.compile(r"\.detach\(\)|\.data\b|\.numpy\(\)|\.item\(\)|\.tolist\(\)")


def replaced_output(script: Script) -> Iterator[Finding]:
    """`register_forward_hook(f)`, where f returns what it has kept, cut off from its history: the layers behind go on with that."""
    for call, _ in calls(script.tree, "register_forward_hook"):
        for function in _functions(script, call.args[0] if call.args else None):
            for value in _results(function):
                if _LEFT.search(_meaning(function, value)) and "register_forward" not in unparse(value):
                    yield at(
                        value, "replaced output", f"A forward hook (line {call.lineno}) returns this, and what a forward hook returns takes the place of the layer's output: what comes behind is computed from numbers "
                        "without history, and nothing before learns.", "Keep it, and return nothing.",
                    )  # fmt: skip


def _functions(script: Script, hook: ast.expr | None) -> list[ast.FunctionDef | ast.Lambda]:
    """The functions that a hook may be: a lambda, one of that name, or those that a function of that name makes."""
    if isinstance(hook, ast.Lambda):
        return [hook]
    name = unparse(hook.func if isinstance(hook, ast.Call) else hook).split(".")[-1] if hook is not None else ""
    named = [node for node in walk(script.tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if not isinstance(hook, ast.Call):
        return list(named)
    inner = [node for outer in named for node in walk(outer) if isinstance(node, ast.FunctionDef | ast.Lambda) and node is not outer]
    return [node for node in inner if isinstance(node, ast.FunctionDef) or isinstance(script.parent.get(node), ast.Return)]


def _results(function: ast.FunctionDef | ast.Lambda) -> list[ast.expr]:
    if isinstance(function, ast.Lambda):
        cut = unparse(function.body).endswith((".detach()", ".data", ".numpy()", ".item()", ".tolist()"))
        return [function.body] if cut else []  # append() and update() of a list give None
    return [node.value for node in walk(function) if isinstance(node, ast.Return) and node.value is not None]


def _meaning(function: ast.FunctionDef | ast.Lambda, value: ast.expr) -> str:
    """An expression, or what the function assigned to it last."""
    text = unparse(value)
    given = [
        node.value for node in walk(function) if isinstance(node, ast.Assign) and any(unparse(target) == text for target in node.targets)
    ]
    return unparse(given[-1]) if given else text


def late_name(script: Script) -> Iterator[Finding]:
    """`for name, m in ...: m.register_forward_hook(lambda *a: keep(name, a))`: when it runs, name is the last one of the loop."""
    for loop in script.loops:
        given = names(loop.target) if isinstance(loop, ast.For) else set()
        if not given or any(isinstance(n, ast.Attribute) and n.attr in _IN_THE_LOOP for n in walk(loop)):
            continue
        for call in (found for method in _KEEPING for found, _ in calls(loop, method)):
            owner = names(call.func)
            hook = call.args[0] if call.args else None
            inner = [
                node for node in walk(loop) if isinstance(node, ast.FunctionDef) and isinstance(hook, ast.Name) and node.name == hook.id
            ]
            function = hook if isinstance(hook, ast.Lambda) else inner[0] if inner else None
            free = _free(function) & given if function is not None else set()
            if function is not None and free and owner & given:
                name = min(free)
                yield at(
                    function, "late name", f"This function is made in the loop of line {loop.lineno} and runs after it: {name} is then the last one that the loop had, in each of the hooks.",
                    f"Give it the {name} of its turn, as an argument that has it for its default: {name}={name}.",
                )  # fmt: skip


def _free(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """The names that a function reads and neither takes nor sets itself."""
    arguments = function.args
    own = {
        one.arg
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *(a for a in (arguments.vararg, arguments.kwarg) if a))
    }
    body = function.body if isinstance(function.body, list) else [function.body]
    found = [node for part in body for node in walk(part) if isinstance(node, ast.Name)]
    own |= {node.id for node in found if isinstance(node.ctx, ast.Store)}
    return {node.id for node in found} - own


def one_bound(script: Script) -> Iterator[Finding]:
    """`p.grad.clamp_(-1)`: the one number is the lower bound, and the other side stays open."""
    for node in walk(script.tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("clamp", "clamp_", "clip", "clip_")
        ):
            continue
        called = [*node.args, *(word.value for word in node.keywords)]
        if dotted(node.func.value) == "torch" and called:
            owner, *called = called
        else:
            owner = node.func.value
        bound = _number(called[0]) if len(called) == 1 else None
        if not bound or not _OF_GRADIENT.search(unparse(owner)):
            continue
        low = not node.keywords or node.keywords[-1].arg == "min"
        size, told = abs(bound), f"{bound:g}"
        effect = (
            f"every element below {told} is raised to it, also those that are small and negative"
            if low and bound > 0
            else f"nothing is bounded {'above' if low else 'below'}"
        )
        yield at(
            node, "one bound", f"{unparse(owner)} is bounded on one side: the one number {'that clamp is given is its lower bound' if not node.keywords else f'is {node.keywords[-1].arg}'}, and {effect}.",
            f"Give both bounds: {node.func.attr}({-size:g}, {size:g}).",
        )  # fmt: skip


def _number(node: ast.expr) -> float | None:
    """A number of the text, also with a minus."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
