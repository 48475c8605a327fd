"""Rules of settings that nobody reads: a flag of a module, a learning rate of an optimizer, both plain attributes that PyTorch never asks for."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, dotted
from .lifetimes import origins

_FLAG = "requires_grad"
_IN_GROUPS = frozenset({"lr", "learning_rate", "momentum", "weight_decay", "betas", "eps"})
_OPTIONS = (
    "params",
    "lr",
    "momentum",
    "dampening",
    "weight_decay",
    "nesterov",
    "maximize",
    "betas",
    "eps",
    "amsgrad",
    "alpha",
    "centered",
    "rho",
    "lr_decay",
    "foreach",
    "fused",
    "capturable",
    "differentiable",
    "initial_lr",
    "max_lr",
    "min_lr",
    "name",
)
_ALIASES = {
    "learning_rate": "lr",
    "learningrate": "lr",
    "wd": "weight_decay",
    "decay": "weight_decay",
    "l2": "weight_decay",
    "beta": "betas",
    "epsilon": "eps",
    "mom": "momentum",
}
_OF_MODULES = frozenset({"children", "modules"})


def flag_of_module(script: Script) -> Iterator[Finding]:
    """`model.backbone.requires_grad = False`: a module has no such flag, and its parameters keep theirs."""
    for node, target in _attributes(script, frozenset({_FLAG})):
        if not _is_module(script, target.value, node):
            continue
        owner, off = unparse(target.value), unparse(node.value) == "False"
        yield at(
            node, "flag of a module", f"{owner} is a module, which has no {_FLAG} of its own: this gives it a plain attribute that nobody reads, and its parameters "
            f"{'go on learning' if off else 'stay as they were'}.", f"Write {owner}.requires_grad_({unparse(node.value)}): it sets the flag of each parameter.",
        )  # fmt: skip


def setting_of_optimizer(script: Script) -> Iterator[Finding]:
    """`optimizer.lr = 0.01`: an optimizer reads its settings from param_groups."""
    for node, target in _attributes(script, _IN_GROUPS):
        made = next((call for call in _values(script, target.value, node) if _is_optimizer(call)), None)
        if made is None:
            continue
        owner, name = unparse(target.value), "lr" if target.attr == "learning_rate" else target.attr
        yield at(
            node, "setting of an optimizer", f"{owner}.{target.attr} is a plain attribute that nobody reads: the {dotted(made.func).split('.')[-1]} of line {made.lineno} keeps "
            f"its {name} in param_groups, and goes on with the one that it was given there.",
            f'Set it where it is read: for group in {owner}.param_groups: group["{name}"] = {unparse(node.value)[:40]}.',
        )  # fmt: skip


def _attributes(script: Script, names: frozenset[str]) -> Iterator[tuple[ast.Assign | ast.AugAssign, ast.Attribute]]:
    for node in walk(script.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in names and isinstance(node, ast.Assign | ast.AugAssign):
                yield node, target


def _values(script: Script, owner: ast.expr, place: ast.stmt) -> list[ast.Call]:
    """The calls that may have made what a name or attribute stands for in a statement."""
    return [found for found, _ in origins(script, owner, place) if isinstance(found, ast.Call)]


def _is_optimizer(call: ast.Call) -> bool:
    path = dotted(call.func)
    return "optim." in path + "." and "lr_scheduler" not in path


def _is_module(script: Script, owner: ast.expr, place: ast.stmt) -> bool:
    """Whether an expression stands for a module: it is called somewhere, as no tensor can be, or is one of a module's children."""
    if isinstance(owner, ast.Name):
        loop = script.enclosing(place, (ast.For,))
        while isinstance(loop, ast.For):
            if owner.id in {node.id for node in walk(loop.target) if isinstance(node, ast.Name)}:
                return _gives_modules(script, loop.iter, loop)
            loop = script.enclosing(loop, (ast.For,))
        return any(_makes_module(script, call) for call in _values(script, owner, place))
    if not isinstance(owner, ast.Attribute):
        return isinstance(owner, ast.Subscript) and _is_module(script, owner.value, place)
    called = (node.func for node in walk(script.tree) if isinstance(node, ast.Call) and (node.args or node.keywords))
    methods = {node.name for node in walk(script.tree) if isinstance(node, ast.FunctionDef)}
    return owner.attr not in methods and any(isinstance(func, ast.Attribute) and func.attr == owner.attr for func in called)


def _gives_modules(script: Script, source: ast.expr, loop: ast.For) -> bool:
    if isinstance(source, ast.Call):
        return isinstance(source.func, ast.Attribute) and source.func.attr in _OF_MODULES
    if isinstance(source, ast.List | ast.Tuple):
        return bool(source.elts) and all(_is_module(script, each, loop) for each in source.elts)
    inner = source.value if isinstance(source, ast.Subscript) else source
    return _is_module(script, inner, loop)


def _makes_module(script: Script, call: ast.Call) -> bool:
    """Whether a call makes a layer of torch.nn or an object of a module that the script defines."""
    *owner, name = dotted(call.func).split(".")
    classes = {
        node.name
        for node in walk(script.tree)
        if isinstance(node, ast.ClassDef) and any(dotted(base).split(".")[-1] in ("Module", "Sequential") for base in node.bases)
    }
    return name in classes or (owner[-1:] == ["nn"] and name[:1].isupper() and name not in ("Parameter", "Buffer"))


def key_of_group(script: Script) -> Iterator[Finding]:
    """`{"params": head.parameters(), "learning_rate": 1e-3}`: a group keeps any key, and the optimizer reads its own ones alone."""
    words = [node.value for node in walk(script.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    for node in walk(script.tree):
        keys = {key.value: key for key in node.keys if isinstance(key, ast.Constant)} if isinstance(node, ast.Dict) else {}
        if "params" not in keys or not isinstance(node, ast.Dict):
            continue
        for key, place in keys.items():
            if not isinstance(key, str) or key in _OPTIONS or words.count(key) != sum(k == key for other in _groups(script) for k in other):
                continue  # what the script asks for elsewhere is its own
            near = difflib.get_close_matches(_ALIASES.get(key.lower(), key.lower()), _OPTIONS, 1, 0.7)
            if near:
                yield at(
                    place, "setting of an optimizer", f'No optimizer reads "{key}" of a group: it is kept and goes unread, and the group has the {near[0]} of all others.',
                    f'Call it "{near[0]}".',
                )  # fmt: skip


def exchanged_betas(script: Script) -> Iterator[Finding]:
    """`betas=(0.999, 0.9)`: the first is of the gradient, the second of its square."""
    for value in script.given.get("betas", []):
        numbers = (
            [each.value for each in value.elts if isinstance(each, ast.Constant) and isinstance(each.value, float)]
            if isinstance(value, ast.Tuple | ast.List)
            else []
        )
        if len(numbers) == 2 and 0.8 < numbers[1] < numbers[0] < 1:
            first, second = numbers
            yield at(
                value, "betas exchanged", f"The first of the betas is how much of the mean gradient is kept, the second of its mean square: with ({first:g}, {second:g}) a step goes by the gradients of the last "
                f"{1 / (1 - first):.0f} steps, and is scaled by the squares of the last {1 / (1 - second):.0f}.", f"Exchange them: betas=({second:g}, {first:g}).",
            )  # fmt: skip


def _groups(script: Script) -> list[list[object]]:
    """The keys of the groups of parameters that a script writes down."""
    found: list[list[object]] = [
        [key.value for key in node.keys if isinstance(key, ast.Constant)] for node in walk(script.tree) if isinstance(node, ast.Dict)
    ]
    return [keys for keys in found if "params" in keys]
