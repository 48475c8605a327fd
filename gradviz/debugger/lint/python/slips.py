"""Slips of the pen that Python takes without a word: half of a sum on a line of its own, a second draw, one network under two names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from ...script.syntax import unparse, walk
from ..finding import Finding
from ..script import Script, at, dotted
from .statements import OF_TARGETS

_SPREAD = re.compile(r"\bstd|sigma|\bexp\(")
_MEAN = re.compile(r"\bmu\b|mean|\bloc\b")
_DISCOUNT = re.compile(r"^(?:self\.)?(?:gamma|discount\w*)$", re.IGNORECASE)


def term_alone(script: Script) -> Iterator[Finding]:
    """`+ 0.5 * other(...)` as a statement of its own, after the line whose sum it was to go on with."""
    for block in script.blocks:
        for before, stmt in pairwise(block):
            alone = isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.BinOp | ast.UnaryOp)
            if not alone or not isinstance(before, ast.Assign | ast.AugAssign) or not any(isinstance(n, ast.Call) for n in walk(stmt)):
                continue
            signed: ast.AST = stmt.value  # type: ignore[attr-defined]  # an Expr, as asked above
            while isinstance(signed, ast.BinOp):
                signed = signed.left
            if isinstance(signed, ast.UnaryOp) and isinstance(signed.op, ast.UAdd | ast.USub):
                name = unparse(before.targets[0] if isinstance(before, ast.Assign) else before.target)
                yield at(
                    stmt, "term alone", f"This line is a statement of its own: it is computed and dropped, and {name} (line {before.lineno}) ends before it.",
                    f"Put the whole sum in brackets: {name} = (... + ...).",
                )  # fmt: skip


def another_draw(script: Script) -> Iterator[Finding]:
    """`dist.log_prob(dist.sample())` in a policy's loss: the probability of another action than the one that was taken."""
    for node in walk(script.tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "log_prob" and len(node.args) == 1
        ):
            continue
        drawn = node.args[0]
        if not (isinstance(drawn, ast.Call) and isinstance(drawn.func, ast.Attribute) and drawn.func.attr == "sample"):
            continue
        owner = unparse(node.func.value)
        elsewhere = [
            n for n in walk(script.tree)
            if n is not drawn and isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("sample", "act", "select_action", "choose_action")
        ]  # fmt: skip
        if unparse(drawn.func.value) == owner and elsewhere:
            yield at(
                node, "another draw", f"{owner}.sample() draws here anew: the loss weighs the probability of an action that nobody took by the reward of another one (drawn in line {elsewhere[0].lineno}).",
                f"Keep the action that was taken, and ask for its probability: {owner}.log_prob(action).",
            )  # fmt: skip


def one_network(script: Script) -> Iterator[Finding]:
    """`target_net = policy_net`, and later one is loaded from the other, or both are called side by side: it is one network with two names."""
    loads = {unparse(node) for node in walk(script.tree) if isinstance(node, ast.Call) and dotted(node.func).endswith("load_state_dict")}
    for node in walk(script.tree):
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Name | ast.Attribute)):
            continue
        new, old = unparse(node.targets[0]), unparse(node.value)
        if new.split(".")[-1] == old.split(".")[-1] or not isinstance(node.targets[0], ast.Name | ast.Attribute):
            continue
        loaded = f"{new}.load_state_dict({old}.state_dict())" in loads or f"{old}.load_state_dict({new}.state_dict())" in loads
        if loaded or _side_by_side(script, new, old, node.lineno):
            what = "load_state_dict() copies it onto itself" if loaded else "both are called in one turn, and give the same"
            yield at(
                node, "one network", f"{new} is another name of {old}, and no copy: each step moves both, and {what}.",
                f"Make a copy: {new} = copy.deepcopy({old}).",
            )  # fmt: skip


def _side_by_side(script: Script, new: str, old: str, line: int) -> bool:
    """Whether a loop that takes steps of an optimizer of the new name calls both."""
    made = [
        n for n in walk(script.tree)
        if isinstance(n, ast.Call) and dotted(n.func).split(".")[-1] in ("Adam", "AdamW", "SGD", "RMSprop") and any(f"{new}.parameters()" == unparse(a) for a in n.args)
    ]  # fmt: skip
    if not made or sum(isinstance(n, ast.Assign) and unparse(n.targets[0]) == new for n in walk(script.tree)) != 1:
        return False
    for loop in (n for n in walk(script.tree) if isinstance(n, ast.For | ast.While) and n.lineno > line):
        called = {unparse(n.func) for n in walk(loop) if isinstance(n, ast.Call)}
        if {new, old} <= called:
            return True
    return False


def sorted_alone(script: Script) -> Iterator[Finding]:
    """`y, _ = y.sort()`: the targets are sorted, and the inputs stay as they are."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and len(target.elts) == 2 and unparse(target.elts[1]).startswith("_"):
            target = target.elts[0]
        elif (isinstance(value, ast.Subscript) and unparse(value.slice) == "0") or (
            isinstance(value, ast.Attribute) and value.attr == "values"
        ):
            value = value.value
        else:
            continue
        sorting = isinstance(value, ast.Call) and dotted(value.func).split(".")[-1] == "sort"
        owner = (
            unparse(value.args[0] if value.args and dotted(value.func).startswith("torch.") else value.func.value)
            if sorting and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
            else ""
        )
        if owner and owner == unparse(target) and OF_TARGETS.search(owner):
            yield at(
                node, "sorted alone", f"{owner} is brought into its order of size, and the inputs stay in theirs: the targets do not belong to the inputs any more.",
                f"Sort both by one order: order = {owner}.argsort(dim=0).flatten(); x, {owner} = x[order], {owner}[order].",
            )  # fmt: skip


def noise_of_one_sign(script: Script) -> Iterator[Finding]:
    """`mu + std * torch.rand_like(mu)`: numbers from 0 to 1, where normal ones were meant."""
    for node in walk(script.tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
            continue
        for mean, noise in ((node.left, node.right), (node.right, node.left)):
            if not (isinstance(noise, ast.BinOp) and isinstance(noise.op, ast.Mult)):
                continue
            for drawn, spread in ((noise.left, noise.right), (noise.right, noise.left)):
                uniform = isinstance(drawn, ast.Call) and dotted(drawn.func) == "torch.rand_like"
                if uniform and _SPREAD.search(unparse(spread)) and _MEAN.search(unparse(mean)):
                    yield at(
                        node, "noise of one sign", f"{unparse(drawn)} gives numbers from 0 to 1, evenly: what is drawn lies above {unparse(mean)} always, by half of {unparse(spread)} on average, and is no normal draw.",
                        f"Write {unparse(drawn).replace('rand', 'randn', 1)}.",
                    )  # fmt: skip


def discount_above_one(script: Script) -> Iterator[Finding]:
    """`gamma = 99` in a script of rewards: what is far away counts more, and sums grow without bound."""
    for name, values in script.given.items():
        if not _DISCOUNT.match(name):
            continue
        for value in values:
            holder = script.parent.get(value)
            scheduled = isinstance(holder, ast.keyword)  # StepLR(gamma=10) is another matter
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, int | float)
                and value.value > 1
                and not scheduled
                and _of_rewards(script)
            ):
                yield at(
                    value, "discount above one", f"{name} is {value.value:g}: each step into the future counts {value.value:g} times as much as the one before, and the returns grow without bound.",
                    "A discount lies between 0 and 1, such as 0.99.",
                )  # fmt: skip


def _of_rewards(script: Script) -> bool:
    names = (node.id for node in walk(script.tree) if isinstance(node, ast.Name))
    return any("reward" in name.lower() or "return" in name.lower() for name in names)


def method_overwritten(script: Script) -> Iterator[Finding]:
    """`self.loss = nn.CrossEntropyLoss()` in a Module that has a method loss(): the name is found among the methods first, and the layer never."""
    for cls in (node for node in walk(script.tree) if isinstance(node, ast.ClassDef)):
        if not any(dotted(base).split(".")[-1] == "Module" for base in cls.bases):
            continue
        methods = {node.name: node.lineno for node in cls.body if isinstance(node, ast.FunctionDef) and not node.decorator_list}
        for node in (each for each in walk(cls) if isinstance(each, ast.Assign)):
            made = dotted(node.value.func).split(".") if isinstance(node.value, ast.Call) else []
            for target in node.targets:
                name = dotted(target).removeprefix("self.")
                if made[-2:-1] == ["nn"] and made[-1][:1].isupper() and dotted(target) == f"self.{name}" and name in methods:
                    yield at(
                        target, "method overwritten", f"{cls.name} has a method {name}() (line {methods[name]}), and Python finds that before the {made[-1]} that is kept here: {dotted(target)} is the method wherever it is read.",
                        f"Give one of the two another name, such as self.{name}_layer.",
                    )  # fmt: skip
